import Synchronization
import Testing

@testable import StreamEngine

/// A table in memory, whose rows are fetched by key.
private final class RowsInMemory: RowFetcher {
    struct State {
        var now: Int64 = 0
        var rows: [String: String] = [:]
        /// The keys of each turn.
        var asked: [[String]] = []
        var failure: RunError?
    }

    let state = Mutex(State())

    var now: Int64 { state.withLock { $0.now } }

    func fetch(_ keys: LookupKeys, _ wanted: [Int]) throws(RunError) -> FetchedRows {
        let texts = wanted.map { keys.texts(of: $0).joined(separator: "|") }
        let failure = state.withLock {
            $0.asked.append(texts)
            return $0.failure
        }
        if let failure { throw failure }
        var fetched = FetchedRows()
        for (number, text) in zip(wanted, texts) {
            guard let value = state.withLock({ $0.rows[text] }) else { continue }
            var bytes = ByteBuffer()
            Array(value.utf8).withUnsafeBytes { KeyCoding.append(Value($0), to: &bytes) }
            bytes.withBytes { fetched.add($0, of: number) }
        }
        return fetched
    }
}

@Suite("rows by key") struct KeyedTableTests {
    private func lookup(_ rows: RowsInMemory, _ forms: [KeyForm] = [.integer], cache: Int = 100, ttl: Int64 = 1000)
        throws -> Lookup
    {
        let paths = try ["k", "l"].prefix(forms.count).map { try FieldPath.parse($0) }
        var lookup = Lookup(path: "t", fields: Array(paths), keys: Array(paths))
        lookup.keyed = KeyedTable(columns: ["v"], forms: forms, rows, capacity: cache, ttl: ttl, seed: 3)
        return lookup
    }

    /// The values of the records.
    private func values(_ lookup: Lookup, _ records: String) throws -> [String] {
        try lookedUp(lookup, records).lines.map { String($0.split(separator: "\"v\":")[1].dropLast()) }
    }

    @Test("are those of the table, whatever the cache keeps", arguments: [1, 2, 5, 30, 100])
    func random(cache: Int) throws {
        var random = SeededGenerator(seed: UInt64(cache))
        let rows = RowsInMemory()
        for key in 0..<30 where key % 3 > 0 { rows.state.withLock { $0.rows["\(key)"] = "row \(key)" } }
        let item = try lookup(rows, cache: cache)
        for _ in 0..<60 {
            let keys = (0..<Int.random(in: 1..<20, using: &random)).map { _ in Int.random(in: 0..<30, using: &random) }
            let found = try values(item, keys.map { "{\"k\":\($0)}\n" }.joined())
            #expect(found == keys.map { $0 % 3 > 0 ? "\"row \($0)\"" : "null" })
            rows.state.withLock { $0.now += Int64.random(in: 0..<200, using: &random) }
        }
        let asked = rows.state.withLock { $0.asked }
        // No key twice in a turn.
        #expect(asked.allSatisfy { Set($0).count == $0.count })
        #expect(item.keyed?.counts.fetches == asked.count)
        #expect(item.keyed?.counts.keys == asked.reduce(0) { $0 + $1.count })
        #expect((item.keyed?.counts.rows ?? 0) <= min(cache, 20))
    }

    @Test("are kept for their time, as are keys without one") func expiry() throws {
        let rows = RowsInMemory()
        rows.state.withLock { $0.rows = ["7": "old"] }
        let item = try lookup(rows)
        let records = "{\"k\":7}\n{\"k\":8}\n"
        #expect(try values(item, records) == ["\"old\"", "null"])
        rows.state.withLock {
            $0.rows = ["7": "new", "8": "added"]
            $0.now = 999
        }
        #expect(try values(item, records) == ["\"old\"", "null"])
        rows.state.withLock { $0.now = 1000 }
        #expect(try values(item, records) == ["\"new\"", "\"added\""])
        #expect(rows.state.withLock { $0.asked } == [["7", "8"], ["7", "8"]])
    }

    @Test("the key that was used last stays") func recency() throws {
        let rows = RowsInMemory()
        let item = try lookup(rows, cache: 2)
        for key in [1, 2, 1, 3, 1, 2] { _ = try values(item, "{\"k\":\(key)}\n") }
        #expect(rows.state.withLock { $0.asked } == [["1"], ["2"], ["3"], ["2"]])
    }

    @Test(
        "keys are asked for as their column compares them",
        arguments: [
            (
                KeyForm.integer, ["7", "7.0", "\"7\"", "\"70e-1\"", "7.5", "\"x\"", "true", "null", "1e30", "\"007\""],
                ["7"]
            ),
            (
                .number, ["7", "7.50", "\"7.5\"", "true", "\"x\"", "12345678901234567890"],
                ["7", "7.5", "12345678901234567890"]
            ),
            (.boolean, ["true", "false", "\"true\"", "1"], ["true", "false"]),
            (
                .text, ["\"a\"", "7", "7.50", "\"7\"", "\"\"", "true", "[1]", "\"b\\u0000\"", "null"],
                ["a", "7", "7.50", ""]
            ),
        ])
    func forms(form: KeyForm, values keys: [String], asked: [String]) throws {
        let rows = RowsInMemory()
        _ = try values(try lookup(rows, [form]), keys.map { "{\"k\":\($0)}\n" }.joined())
        #expect(rows.state.withLock { $0.asked } == [asked])
    }

    @Test("a key of several columns has a value in each") func severalColumns() throws {
        let rows = RowsInMemory()
        rows.state.withLock { $0.rows = ["7|a": "both"] }
        let item = try lookup(rows, [.integer, .text])
        let records = "{\"k\":7,\"l\":\"a\"}\n{\"k\":7}\n{\"l\":\"a\"}\n{\"k\":\"7\",\"l\":\"a\"}\n"
        #expect(try values(item, records) == ["\"both\"", "null", "null", "\"both\""])
        #expect(rows.state.withLock { $0.asked } == [["7|a"]])
    }

    @Test("that cannot be fetched end the run, without rows of nulls") func failure() throws {
        let rows = RowsInMemory()
        let item = try lookup(rows)
        rows.state.withLock { $0.failure = .unavailable("gone") }
        let found = try lookedUp(item, "{\"k\":7}\n")
        #expect(found.error?.contains("gone") == true)
        #expect(found.lines.isEmpty)
    }

    @Test("many distinct keys of a batch are one turn each") func manyKeys() throws {
        let rows = RowsInMemory()
        let item = try lookup(rows, cache: 3000)
        let records = (0..<2000).map { "{\"k\":\($0 % 1500)}\n" }.joined()
        _ = try values(item, records)
        #expect(Set(rows.state.withLock { $0.asked.flatMap(\.self) }).count == 1500)
        #expect(rows.state.withLock { $0.asked.flatMap(\.self).count } == 1500)
    }
}
