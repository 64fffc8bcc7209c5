extension Query {
    /// Names of the result columns, in their order; for a pass-through those of `--select`.
    package var resultColumns: [String] {
        if passesThrough { return (select ?? []).map(\.name) }
        return groupKeys.map(\.name) + (window.isTimed ? ["window_start", "window_end"] : []) + aggregates.map(\.name)
            + (early != nil ? ["final"] : []) + (lateness > 0 ? ["revision"] : [])
    }
}
