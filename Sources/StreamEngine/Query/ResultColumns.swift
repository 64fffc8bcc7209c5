extension Query {
    /// The names of the result columns, in order; if records pass through, those of `--select`.
    package var resultColumns: [String] {
        if passesThrough { return (select ?? []).map(\.name) }
        return groupKeys.map(\.name) + (window.isTimed ? ["window_start", "window_end"] : []) + aggregates.map(\.name)
            + (early != nil ? ["final"] : []) + (lateness > 0 ? ["revision"] : [])
    }

    /// The indices in `names` of the columns that form the key of a row.
    func keyPositions(in names: [String]) -> [Int] {
        // By bytes: é composed and decomposed are two names.
        rowKey.compactMap { path in names.lastIndex { $0.utf8.elementsEqual(path.columnName.utf8) } }
    }
}
