/// Makes a table of the batches of a file, which workers may scan in parallel.
///
/// `begin` and `take` are called for one batch after the other, in the order of the file.
package final class LookupLoader {
    private let lookup: Lookup
    private let query: Query
    private let hash: KeyHash
    private let hashMask: UInt64
    private var builder: LookupBuilder
    /// The columns that are known after the last `take`.
    private var columns: LookupColumns
    private var size = 0
    private var mayBeEmpty = false
    private var content = FNV1a()

    /// - Parameter hashMask: the bits of hashes that are used.
    package init(_ lookup: Lookup, _ query: Query, seed: UInt64, hashMask: UInt64 = .max) {
        self.lookup = lookup
        self.query = query
        self.hashMask = hashMask
        hash = KeyHash(seed: seed)
        columns = LookupColumns(lookup)
        builder = LookupBuilder(
            hash: hash, isTimed: lookup.asOf != nil, keepsLast: lookup.match == .last, hashMask: hashMask)
    }

    /// The plan by which the format of a table is decided.
    package static func plan(_ format: FormatName = .auto) -> FormatPlan {
        var plan = FormatPlan(format)
        plan.rejectsShortRows = true
        return plan
    }

    package var path: String { lookup.path }

    package func makeScanner() -> LookupScanner { LookupScanner(lookup, query, hash, hashMask: hashMask) }

    /// Notes the bytes of a batch, and with the first one, the format.
    ///
    /// - Returns: the columns to scan, after the first batch; nil otherwise.
    /// - Throws: `badData` for a format that is none of tables, `usage` for a column that the table does not have.
    package func begin(_ batch: borrowing Batch, as input: InputFormat) throws(RunError) -> LookupColumns? {
        let isFirst = size == 0
        if isFirst {
            guard ["csv", "tsv", "json", "json-stream"].contains(input.name) else {
                throw lookup.wrong("it looks like \(input.name), but a table is CSV, TSV or JSON lines")
            }
            try columns.begin(input.columns)
        }
        note(batch)
        return isFirst ? columns : nil
    }

    /// Begins a table whose columns are known before its rows, which are JSON lines.
    ///
    /// - Returns: the columns to scan.
    /// - Throws: `usage` for a column that the table does not have.
    package func begin(columns names: [String]) throws(RunError) -> LookupColumns {
        try columns.begin(names, hasParts: true)
        mayBeEmpty = true
        return columns
    }

    /// Notes the bytes of a batch.
    package func note(_ batch: borrowing Batch) {
        size += batch.count
        content.add(batch.bytes)
    }

    /// Takes the rows of a batch that was scanned. Scans it again if batches before it have shown more columns.
    ///
    /// - Throws: `badData` for a row that cannot be used.
    package func take(
        _ scanner: inout LookupScanner, _ batch: inout Batch, as input: InputFormat
    ) throws(RunError) {
        _ = columns.addNames(of: scanner.records)
        if columns.values.count != scanner.valueCount { try scanner.scan(&batch, as: input, columns) }
        columns.noteFound(scanner.records)
        switch builder.add(scanner.rows, stopsAtDuplicate: lookup.match == .error) {
        case nil: break
        case .duplicate(let row):
            throw scanner.wrong(
                row,
                "another row before has the key \(scanner.keyText(row)); match=first takes the first one, match=last the "
                    + "last one")
        case .full: throw lookup.wrong("it has more rows than a table can hold")
        }
    }

    /// - Throws: `badData` if the file is empty, `usage` if no row has a column.
    package func finish() throws(RunError) -> LookupTable {
        guard size > 0 || mayBeEmpty else {
            throw lookup.wrong("the file is empty, without even a header (is it still being written?)")
        }
        try columns.end()
        return builder.finish(
            columns.names, LookupTable.Content(size: size, hash: Int64(bitPattern: content.value)))
    }
}
