/// Reads rows of a table that were fetched by key: a JSON object each, with the number of its key in a column of its own.
package final class FetchedRowReader {
    /// The names of the columns to add.
    package let names: [String]
    /// The columns that are read.
    package let used: [String]
    /// The name of the column with the number of the key, which no other column has.
    package let numberName: String
    private let lookup: Lookup
    private let columns: LookupColumns
    private var scanner: LookupScanner
    private var batch = Batch()
    private var rows = FetchedRows()

    /// - Parameter columns: the names of all columns of the table.
    /// - Throws: `usage` for a column that it does not have.
    package init(_ lookup: Lookup, _ query: Query, columns all: [String]) throws(RunError) {
        var found = LookupColumns(lookup)
        try found.begin(all, hasParts: true)
        names = found.names
        used = found.used(of: all)
        var name = "$key"
        while all.contains(name) { name += "$" }
        numberName = name
        var inner = lookup
        inner.keys = [FieldPath(name: Array(name.utf8))]
        inner.columns = found.paths
        self.lookup = lookup
        columns = LookupColumns(inner)
        scanner = LookupScanner(
            inner, query, LookupMemory(), slots: LookupMemory(), KeyHash(seed: 0), hashMask: .max)
    }

    /// Adds a row.
    ///
    /// - Parameter keys: those that are being fetched.
    /// - Throws: `badData` for a row that cannot be used.
    package func add(_ row: String, of keys: LookupKeys) throws(RunError) {
        var line = row
        let count = line.utf8.count + 1
        if batch.count > 0, batch.count &+ count > batch.capacity { try read(keys) }
        line.withUTF8 { batch.append(UnsafeRawBufferPointer($0)) }
        withUnsafeBytes(of: UInt8(ascii: "\n")) { batch.append($0) }
    }

    /// Takes back all rows.
    package func removeAll() {
        batch.removeAll()
        rows = FetchedRows()
    }

    /// The rows since the last call.
    package func finish(_ keys: LookupKeys) throws(RunError) -> FetchedRows {
        try read(keys)
        var finished = FetchedRows()
        swap(&finished, &rows)
        return finished
    }

    private func read(_ keys: LookupKeys) throws(RunError) {
        guard batch.count > 0 else { return }
        defer { batch.removeAll() }
        scanner.scan(&batch, as: .json, columns)
        try scanner.forEachRow { (key, values) throws(RunError) in
            var offset = 0
            let number = key.baseAddress.map { Int(KeyCoding.read($0, at: &offset).integer) } ?? -1
            guard number >= 0, number < keys.count else { return }
            if rows.has(number) {
                guard lookup.match == .error else { return }
                throw lookup.wrong(
                    "several rows have the key \(keys.texts(of: number).joined(separator: ", ")); match=first takes the "
                        + "first one, match=last the last one")
            }
            rows.add(values, of: number)
        }
    }
}
