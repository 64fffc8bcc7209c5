import Synchronization

/// A table whose rows are fetched by key when records need them, and kept for a while.
///
/// Workers share it: what one has fetched the others find.
///
/// Unchecked: the cache and the counts are used under `lock` only.
package final class KeyedTable: @unchecked Sendable {
    /// The names of the columns of values, as the table has them.
    package let columns: [String]
    /// What the columns of the key are, in the order of the fields.
    let forms: [KeyForm]
    private let fetcher: any RowFetcher
    private let hash: KeyHash
    /// How long a row counts after it was asked for, microseconds.
    private let ttl: Int64
    /// One worker fetches at a time.
    private let fetching = Mutex(())
    private let lock = Mutex(())
    private var cache: LookupCache
    private var known = Counts()

    package struct Counts: Sendable {
        /// Keys in the cache that have a row.
        package var rows = 0
        /// Keys that were fetched, and in how many turns.
        package var keys = 0
        package var fetches = 0
    }

    /// - Parameters:
    ///   - capacity: the number of keys that are kept.
    ///   - seed: for hashing keys.
    package init(
        columns: [String], forms: [KeyForm], _ fetcher: any RowFetcher, capacity: Int, ttl: Int64, seed: UInt64
    ) {
        self.columns = columns
        self.forms = forms
        self.fetcher = fetcher
        self.ttl = ttl
        hash = KeyHash(seed: seed)
        cache = LookupCache(capacity: capacity)
    }

    package var counts: Counts {
        lock.withLock { _ in
            var counts = known
            counts.rows = cache.rowCount
            return counts
        }
    }

    func makeKeys() -> LookupKeys { LookupKeys(hash) }

    /// The rows of these keys, as a table of their own.
    ///
    /// - Throws: if rows cannot be fetched.
    func table(of keys: LookupKeys) throws(RunError) -> LookupTable {
        var rows = CopiedRows()
        let unknown = find(Array(0..<keys.count), of: keys, &rows)
        if !unknown.isEmpty {
            try fetching.withLock { (_) throws(RunError) in
                // Another worker may have fetched them in the meantime.
                let wanted = find(unknown, of: keys, &rows)
                guard !wanted.isEmpty else { return }
                let asked = fetcher.now
                let fetched = try fetcher.fetch(keys, wanted)
                take(fetched, wanted, of: keys, until: saturatingAdd(asked, ttl), &rows)
            }
        }
        guard let table = rows.table(columns, hash) else {
            throw .badInput("the rows that the records of a batch need are more than a table can hold")
        }
        return table
    }

    /// Adds the rows of the keys that are known.
    ///
    /// - Returns: the numbers of the others.
    private func find(_ numbers: [Int], of keys: LookupKeys, _ rows: inout CopiedRows) -> [Int] {
        let now = fetcher.now
        var unknown: [Int] = []
        lock.withLock { _ in
            for number in numbers {
                keys.withBytes(of: number) { key in
                    switch cache.find(key, keys.keys[number].hash, now: now) {
                    case .unknown: unknown.append(number)
                    case .noRow: break
                    case .row(let values): rows.add(key, values, hash)
                    }
                }
            }
        }
        return unknown
    }

    private func take(
        _ fetched: borrowing FetchedRows, _ wanted: [Int], of keys: LookupKeys, until expiry: Int64,
        _ rows: inout CopiedRows
    ) {
        for number in wanted {
            keys.withBytes(of: number) { key in
                fetched.withValues(of: number) { values in
                    lock.withLock { _ in cache.store(key, keys.keys[number].hash, values, until: expiry) }
                    if let values { rows.add(key, values, hash) }
                }
            }
        }
        lock.withLock { _ in
            known.keys += wanted.count
            known.fetches += 1
        }
    }
}

/// Copies of rows, of which a table is made.
private struct CopiedRows: ~Copyable {
    private let memory: LookupMemory
    private var arena: LookupArena
    private var slots: [UInt64] = []
    private var byteCount = 0
    /// Whether a row had no room.
    private var isFull = false

    init() {
        let memory = LookupMemory()
        self.memory = memory
        arena = LookupArena(memory)
    }

    /// Adds a copy of a row.
    ///
    /// - Parameter values: without the end mark.
    mutating func add(_ key: UnsafeRawBufferPointer, _ values: UnsafeRawBufferPointer, _ hash: KeyHash) {
        let head = LookupEntry.head(isTimed: false)
        let count = head &+ key.count &+ values.count &+ 1
        guard let entry = arena.room(count) else {
            isFull = true
            return
        }
        LookupEntry.begin(entry, keyCount: key.count)
        UnsafeMutableRawBufferPointer(start: entry + head, count: key.count).copyMemory(from: key)
        UnsafeMutableRawBufferPointer(start: entry + head + key.count, count: values.count).copyMemory(from: values)
        entry.storeBytes(of: KeyCoding.endMark, toByteOffset: count &- 1, as: UInt8.self)
        slots.append(LookupIndex.slot(arena.address, hash(entry + head, key.count)))
        byteCount &+= count
        arena.advance(count)
    }

    /// - Returns: nil if there are too many rows.
    func table(_ columns: [String], _ hash: KeyHash) -> LookupTable? {
        var room = LookupArena(LookupMemory())
        guard !isFull, let rows = LookupRows(slots, byteCount: byteCount, &room) else { return nil }
        let builder = LookupBuilder([rows], memory, isTimed: false, keepsLast: false)
        let table = builder.table(
            columns, LookupTable.Content(size: 0, hash: 0), hash: hash, hashMask: .max, SingleCrew())
        // The slots of the rows are in it.
        extendLifetime(room)
        return table
    }
}
