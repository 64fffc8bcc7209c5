/// Makes a table of the batches of a file, which workers may scan in parallel.
///
/// `begin` and `take` are called for one batch after the other, in the order of the file.
package final class LookupLoader {
    private let lookup: Lookup
    private let query: Query
    private let hash: KeyHash
    private let hashMask: UInt64
    private let memory = LookupMemory()
    /// The rows of the batches, in the order of the file, and their memory.
    private let slots = LookupMemory()
    private var rows: [LookupRows] = []
    /// The columns that are known after the last `take`.
    private var columns: LookupColumns
    private var size = 0
    private var mayBeEmpty = false
    private var content = ContentHash()

    /// - Parameter hashMask: the bits of hashes that are used.
    package init(_ lookup: Lookup, _ query: Query, seed: UInt64, hashMask: UInt64 = .max) {
        self.lookup = lookup
        self.query = query
        self.hashMask = hashMask
        hash = KeyHash(seed: seed)
        columns = LookupColumns(lookup)
    }

    /// The plan by which the format of a table is decided.
    package static func plan(_ format: FormatName = .auto) -> FormatPlan {
        var plan = FormatPlan(format)
        plan.rejectsShortRows = true
        return plan
    }

    package var path: String { lookup.path }

    package func makeScanner() -> LookupScanner {
        LookupScanner(lookup, query, memory, slots: slots, hash, hashMask: hashMask)
    }

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
    /// - Throws: `badData` for a row that cannot be used, but `checkKeys` may find an earlier one.
    package func take(
        _ scanner: inout LookupScanner, _ batch: inout Batch, as input: InputFormat
    ) throws(RunError) {
        _ = columns.addNames(of: scanner.records)
        if columns.values.count != scanner.valueCount { scanner.scan(&batch, as: input, columns) }
        columns.noteFound(scanner.records)
        try scanner.take(&rows)
    }

    /// - Parameter crew: the threads that make the table.
    /// - Throws: `badData` if the file is empty or a key is not the only one, `usage` if no row has a column.
    package func finish(_ crew: any Crew = SingleCrew()) throws(RunError) -> LookupTable {
        guard size > 0 || mayBeEmpty else {
            throw lookup.wrong("the file is empty, without even a header (is it still being written?)")
        }
        let table = try table(crew)
        try columns.end()
        return table
    }

    /// Throws `badData` if a key must be the only one, and is not, in the rows so far: before a problem that was found
    /// in what follows.
    package func checkKeys(_ crew: any Crew = SingleCrew()) throws(RunError) {
        if lookup.match == .error { _ = try table(crew) }
    }

    private func table(_ crew: any Crew) throws(RunError) -> LookupTable {
        let builder = LookupBuilder(
            rows, memory, isTimed: lookup.asOf != nil, keepsLast: lookup.match == .last)
        let content = LookupTable.Content(size: size, hash: Int64(bitPattern: content.value))
        guard let table = builder.table(columns.names, content, hash: hash, hashMask: hashMask, crew) else {
            throw lookup.isTooLarge
        }
        guard lookup.match == .error, table.counts.duplicates > 0,
            let duplicate = builder.firstDuplicate(in: table.index, keys: lookup.keys.count)
        else { return table }
        let key = duplicate.keys.map { Excerpt.value($0) }.joined(separator: ", ")
        throw lookup.wrong(
            duplicate.line,
            "another row before has the key \(key); match=first takes the first one, match=last the last one")
    }
}
