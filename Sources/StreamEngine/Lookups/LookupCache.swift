/// The rows of the keys that were looked up last, and which keys have none, each for a time.
///
/// A hash table with chains, whose entries are also in a list from the one used last to the one to give up first.
struct LookupCache: ~Copyable {
    enum Found {
        case unknown
        case noRow
        /// The bytes of its values, until the cache changes.
        case row(UnsafeRawBufferPointer)
    }

    private struct Entry {
        /// The bytes of the key, followed by those of the values.
        var bytes: UnsafeMutableRawBufferPointer
        var keyCount: Int
        var hasRow: Bool
        var hash: UInt64
        var expiry: Int64
        /// The next entry with the same bucket; -1 for none, as below.
        var next: Int32 = -1
        var newer: Int32 = -1
        var older: Int32 = -1
    }

    private let capacity: Int
    private var entries: [Entry] = []
    private var buckets = [Int32](repeating: -1, count: 1024)
    private var newest: Int32 = -1
    private var oldest: Int32 = -1
    /// Entries that have a row.
    private(set) var rowCount = 0

    /// - Parameter capacity: the number of keys, at least 1.
    init(capacity: Int) { self.capacity = max(1, min(capacity, Int(Int32.max))) }

    deinit { for entry in entries { entry.bytes.deallocate() } }

    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count - 1) }

    /// - Parameter now: microseconds since some moment.
    mutating func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64, now: Int64) -> Found {
        guard let number = number(of: key, hash) else { return .unknown }
        let entry = entries[Int(number)]
        guard now < entry.expiry else { return .unknown }
        if number != newest {
            unlink(number)
            link(number)
        }
        guard entry.hasRow else { return .noRow }
        return .row(UnsafeRawBufferPointer(rebasing: entry.bytes[entry.keyCount...]))
    }

    /// Keeps the row of a key instead of what was known of it.
    ///
    /// - Parameters:
    ///   - values: nil if it has none.
    ///   - expiry: until when that counts.
    mutating func store(
        _ key: UnsafeRawBufferPointer, _ hash: UInt64, _ values: UnsafeRawBufferPointer?, until expiry: Int64
    ) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: key.count + (values?.count ?? 0), alignment: 8)
        bytes.copyMemory(from: key)
        if let values {
            UnsafeMutableRawBufferPointer(rebasing: bytes[key.count...]).copyMemory(from: values)
            rowCount += 1
        }
        var entry = Entry(
            bytes: bytes, keyCount: key.count, hasRow: values != nil, hash: hash, expiry: expiry)
        let place: Int32
        if let known = number(of: key, hash) {
            place = known
            remove(known)
        } else if entries.count < capacity {
            place = Int32(truncatingIfNeeded: entries.count)
            entries.append(entry)
            if entries.count > buckets.count { grow() }
        } else {
            place = oldest
            remove(oldest)
        }
        let home = bucket(hash)
        entry.next = buckets[home]
        buckets[home] = place
        entries[Int(place)] = entry
        link(place)
    }

    private func number(of key: UnsafeRawBufferPointer, _ hash: UInt64) -> Int32? {
        var next = buckets[bucket(hash)]
        while next >= 0 {
            let entry = entries[Int(next)]
            if entry.hash == hash, entry.keyCount == key.count,
                UnsafeRawBufferPointer(rebasing: entry.bytes[..<entry.keyCount]).elementsEqual(key)
            {
                return next
            }
            next = entry.next
        }
        return nil
    }

    /// Takes an entry out of its bucket and the list, and frees its bytes.
    private mutating func remove(_ number: Int32) {
        let entry = entries[Int(number)]
        let home = bucket(entry.hash)
        if buckets[home] == number {
            buckets[home] = entry.next
        } else {
            var before = buckets[home]
            while before >= 0, entries[Int(before)].next != number { before = entries[Int(before)].next }
            if before >= 0 { entries[Int(before)].next = entry.next }
        }
        unlink(number)
        if entry.hasRow { rowCount -= 1 }
        entry.bytes.deallocate()
    }

    private mutating func unlink(_ number: Int32) {
        let entry = entries[Int(number)]
        if entry.newer >= 0 { entries[Int(entry.newer)].older = entry.older } else { newest = entry.older }
        if entry.older >= 0 { entries[Int(entry.older)].newer = entry.newer } else { oldest = entry.newer }
    }

    /// Puts an entry in front of the list.
    private mutating func link(_ number: Int32) {
        entries[Int(number)].newer = -1
        entries[Int(number)].older = newest
        if newest >= 0 { entries[Int(newest)].newer = number } else { oldest = number }
        newest = number
    }

    private mutating func grow() {
        buckets = [Int32](repeating: -1, count: buckets.count * 2)
        // The last entry is not in a bucket yet.
        for number in entries.indices.dropLast() {
            let home = bucket(entries[number].hash)
            entries[number].next = buckets[home]
            buckets[home] = Int32(truncatingIfNeeded: number)
        }
    }
}
