import Plan
import StreamEngine
import System

/// Fetches rows of a table by key, over one connection that lasts as long as the run.
///
/// Unchecked: one thread at a time uses it.
final class DatabaseRows: RowFetcher, @unchecked Sendable {
    /// The most keys of a statement.
    private static let mostKeys = 10_000

    private let lookup: Lookup
    private let reader: FetchedRowReader
    private let connection: RetryingConnection
    private let statement: String

    init(_ lookup: Lookup, _ reader: FetchedRowReader, _ connection: RetryingConnection, _ statement: String) {
        self.lookup = lookup
        self.reader = reader
        self.connection = connection
        self.statement = statement
    }

    var now: Int64 { steadyClock() }

    func fetch(_ keys: LookupKeys, _ wanted: [Int]) throws(RunError) -> FetchedRows {
        reader.removeAll()
        return try DatabaseTables.at(lookup) { () throws(RunError) in
            for start in stride(from: 0, to: wanted.count, by: Self.mostKeys) {
                try read(keys, wanted[start..<min(wanted.count, start + Self.mostKeys)])
            }
            return try reader.finish(keys)
        }
    }

    /// Reads the rows of some keys. Where the server cannot read one of them as the type of its column, the halves are read
    /// on their own: such a key has no row.
    private func read(_ keys: LookupKeys, _ numbers: ArraySlice<Int>) throws(RunError) {
        var arrays = [ArrayText(), ArrayText()]
        while arrays.count <= lookup.keys.count { arrays.append(ArrayText()) }
        for number in numbers {
            arrays[0].add("\(number)")
            for (column, text) in keys.texts(of: number).enumerated() { arrays[column + 1].add(text) }
        }
        let values = arrays.prefix(lookup.keys.count + 1).map(\.text)
        let rows = try connection.withRetry { (session) throws(AttemptError) -> [[String?]]? in
            try session.run(DatabaseTables.settings)
            do throws(AttemptError) {
                let rows = try session.run(statement, values).rows
                try session.run("COMMIT")
                return rows
            } catch .server(let fault) where Self.isAboutKey(fault) {
                try session.run("ROLLBACK")
                return nil
            } catch .server(let fault) where fault.kind == .mismatch {
                throw .final(.noInput(fault.text))
            }
        }
        if let rows {
            for row in rows { if let text = row.first ?? nil { try reader.add(text, of: keys) } }
        } else if numbers.count > 1 {
            let middle = numbers.startIndex + numbers.count / 2
            try read(keys, numbers[..<middle])
            try read(keys, numbers[middle...])
        }
    }

    /// A text that is not a value of a type, or of a domain.
    private static func isAboutKey(_ fault: ServerError) -> Bool {
        fault.code.hasPrefix("22") || fault.code == "23514"
    }

    /// The rows of keys, each as JSON with the number of its key.
    ///
    /// - Parameters:
    ///   - keys: the columns of the key.
    ///   - columns: those to read.
    static func statement(
        _ table: TableName, keys: [DatabaseColumn], columns: [DatabaseColumn], _ match: Lookup.Match,
        numberName: String
    ) -> String {
        let number = Identifier.quoted(numberName)
        let arrays = (["int4"] + keys.map { _ in "text" }).enumerated().map {
            "pg_catalog.unnest($\($0.offset + 1)::pg_catalog.\($0.element)[])"
        }
        let names = keys.indices.map { "k\($0 + 1)" }
        let comparisons = zip(keys, names).map { column, name in
            "t.\(Identifier.quoted(column.name)) = k.\(name)::\(column.castType)"
        }
        let values = columns.map { $0.value(in: "t.") }
        // A key has one row, the first or the last one in the order of their bytes.
        let (distinct, order) =
            switch match {
            case .first: ("DISTINCT ON (r.n) ", " ORDER BY r.n, r.row COLLATE \"C\"")
            case .last: ("DISTINCT ON (r.n) ", " ORDER BY r.n, r.row COLLATE \"C\" DESC")
            case .error: ("", "")
            }
        return """
            SELECT \(distinct)r.row FROM (SELECT j.\(number) AS n, pg_catalog.to_json(j.*)::pg_catalog.text AS row FROM
            (SELECT \((["k.n AS \(number)"] + values).joined(separator: ", "))
            FROM ROWS FROM (\(arrays.joined(separator: ", ")))
            AS k(\((["n"] + names).joined(separator: ", ")))
            JOIN \(table.quoted) AS t ON \(comparisons.joined(separator: " AND "))) j) r\(order)
            """
    }
}

/// An array as the server reads it: `{"a","b"}`.
struct ArrayText {
    private var bytes: [UInt8] = []

    mutating func add(_ element: String) {
        bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
        bytes.append(UInt8(ascii: "\""))
        for byte in element.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    var text: String { (bytes.isEmpty ? "{" : String(decoding: bytes, as: UTF8.self)) + "}" }
}
