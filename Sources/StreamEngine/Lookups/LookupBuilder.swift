/// Collects the rows of a table by key.
struct LookupBuilder: ~Copyable {
    /// Why rows were not added any more.
    enum Problem {
        /// Another row has the key of the one of this number in its batch.
        case duplicate(row: Int)
        case full
    }

    private enum Outcome { case added, duplicate, full }

    private static let firstSlotCount = 1 << 10
    private let hash: KeyHash
    private let hashMask: UInt64
    private let isTimed: Bool
    private let keepsLast: Bool
    private var memory = LookupMemory()
    private var slots: UnsafeMutablePointer<UInt64>
    private var slotCount = Self.firstSlotCount
    private var isFinished = false
    private var touched: UInt64 = 0
    private(set) var counts = LookupTable.Counts()

    /// - Parameters:
    ///   - isTimed: whether a key has versions, each with a time.
    ///   - keepsLast: whether the last row of a key counts, rather than the first.
    ///   - hashMask: the bits of hashes that are used.
    init(hash: KeyHash, isTimed: Bool, keepsLast: Bool, hashMask: UInt64 = .max) {
        self.hash = hash
        self.hashMask = hashMask
        self.isTimed = isTimed
        self.keepsLast = keepsLast
        slots = .allocate(capacity: Self.firstSlotCount)
        slots.initialize(repeating: 0, count: Self.firstSlotCount)
    }

    deinit {
        guard !isFinished else { return }
        slots.deallocate()
        for chunk in memory.chunks { chunk.deallocate() }
    }

    /// Adds rows in their order.
    ///
    /// - Returns: why not all of them were added; nil if they were.
    mutating func add(_ rows: borrowing LookupRows, stopsAtDuplicate: Bool) -> Problem? {
        // Valid as long as the rows are borrowed.
        let bytes = rows.bytes.withBytes { $0 }
        let count = rows.rows.count
        // Rows whose slots are read first, so that their cache misses overlap.
        let group = 32
        for first in stride(from: 0, to: count, by: group) {
            let numbers = first..<min(count, first &+ group)
            for number in numbers { touched &+= slots[home(rows.rows[number].hash)] }
            for number in numbers {
                let row = rows.rows[number]
                switch add(row, bytes) {
                case .added: break
                case .duplicate: if stopsAtDuplicate { return .duplicate(row: row.number) }
                case .full: return .full
                }
            }
        }
        return nil
    }

    @inline(__always) private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (slotCount &- 1) }

    private mutating func add(_ row: LookupRows.Row, _ bytes: UnsafeRawBufferPointer) -> Outcome {
        let key = UnsafeRawBufferPointer(rebasing: bytes[row.start..<(row.start &+ row.keyCount)])
        let values = UnsafeRawBufferPointer(
            rebasing: bytes[(row.start &+ row.keyCount)..<(row.start &+ row.keyCount &+ row.valueCount)])
        guard counts.rows < Int(UInt32.max) else { return .full }
        counts.rows += 1
        if counts.keys * 4 >= slotCount * 3 {
            guard slotCount < LookupIndex.mostSlots else { return .full }
            grow()
        }
        let tag = row.hash & LookupIndex.tagMask
        var next = home(row.hash)
        while slots[next] != 0 {
            let entry = memory.place(slots[next] >> LookupIndex.tagBits)
            if slots[next] & LookupIndex.tagMask == tag, has(entry, key) {
                counts.duplicates += 1
                if isTimed { return addVersion(of: entry, values, row.time) ? .duplicate : .full }
                guard keepsLast else { return .duplicate }
                guard let address = addEntry(key, values, row.time) else { return .full }
                slots[next] = address << LookupIndex.tagBits | tag
                return .duplicate
            }
            next = (next + 1) & (slotCount - 1)
        }
        guard let address = addEntry(key, values, row.time) else { return .full }
        slots[next] = address << LookupIndex.tagBits | tag
        counts.keys += 1
        return .added
    }

    private func has(_ entry: UnsafeRawPointer, _ key: UnsafeRawBufferPointer) -> Bool {
        guard let bytes = key.baseAddress, Int(entry.loadUnaligned(as: UInt32.self)) == key.count else { return false }
        return isEqual(entry + LookupIndex.keyOffset(isTimed: isTimed), bytes, key.count)
    }

    /// - Returns: its address; nil if there is no more memory.
    private mutating func addEntry(
        _ key: UnsafeRawBufferPointer, _ values: UnsafeRawBufferPointer, _ time: Int64
    ) -> UInt64? {
        let head = LookupIndex.keyOffset(isTimed: isTimed)
        guard let (address, place) = memory.allocate(head + key.count + (isTimed ? 0 : values.count)) else {
            return nil
        }
        place.storeBytes(of: UInt32(truncatingIfNeeded: key.count), as: UInt32.self)
        UnsafeMutableRawBufferPointer(start: place + head, count: key.count).copyMemory(from: key)
        if isTimed {
            place.storeBytes(of: 0, toByteOffset: 4, as: UInt64.self)
            guard addVersion(of: place, values, time) else { return nil }
        } else {
            UnsafeMutableRawBufferPointer(start: place + head + key.count, count: values.count)
                .copyMemory(from: values)
        }
        return address
    }

    /// Puts a version in front of those that the entry has: until the end, an entry has the address of the last one, and
    /// each has that of the one before.
    private mutating func addVersion(
        of entry: UnsafeMutableRawPointer, _ values: UnsafeRawBufferPointer, _ time: Int64
    ) -> Bool {
        guard let (address, place) = memory.allocate(LookupIndex.versionHead + values.count) else { return false }
        place.storeBytes(of: time, as: Int64.self)
        place.storeBytes(of: entry.loadUnaligned(fromByteOffset: 4, as: UInt64.self), toByteOffset: 8, as: UInt64.self)
        UnsafeMutableRawBufferPointer(start: place + LookupIndex.versionHead, count: values.count)
            .copyMemory(from: values)
        entry.storeBytes(of: address, toByteOffset: 4, as: UInt64.self)
        return true
    }

    /// Doubles the slots. Their tags say where they go, so that no key is read.
    private mutating func grow() {
        let larger = slotCount * 2
        let moved = UnsafeMutablePointer<UInt64>.allocate(capacity: larger)
        moved.initialize(repeating: 0, count: larger)
        for slot in UnsafeBufferPointer(start: slots, count: slotCount) where slot != 0 {
            var next = Int(slot & LookupIndex.tagMask) & (larger - 1)
            while moved[next] != 0 { next = (next + 1) & (larger - 1) }
            moved[next] = slot
        }
        slots.deallocate()
        slots = moved
        slotCount = larger
    }

    /// The table of all rows; nothing can be added after it.
    mutating func finish(_ columns: [String], _ content: LookupTable.Content) -> LookupTable {
        isFinished = true
        var (times, rows): (UnsafeMutablePointer<Int64>?, UnsafeMutablePointer<UInt64>?)
        if isTimed {
            let found = sortVersions()
            (times, rows) = (found.times, found.rows)
        }
        let chunks = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: max(1, memory.chunks.count))
        for (number, chunk) in memory.chunks.enumerated() { (chunks + number).initialize(to: chunk) }
        counts.bytes = memory.byteCount + 8 * slotCount + (isTimed ? 16 * counts.rows : 0)
        let index = LookupIndex(
            slots: slots, mask: UInt64(slotCount - 1), chunks: chunks, hash: hash, hashMask: hashMask, times: times,
            rows: rows)
        return LookupTable(columns, counts, content, index, memory)
    }

    /// Puts the versions of each key side by side, in the order of their times; of equal ones, the last row is last.
    private func sortVersions() -> (times: UnsafeMutablePointer<Int64>, rows: UnsafeMutablePointer<UInt64>) {
        let times = UnsafeMutablePointer<Int64>.allocate(capacity: max(1, counts.rows))
        let rows = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, counts.rows))
        var end = 0
        var versions: [(time: Int64, row: UInt64)] = []
        for slot in UnsafeBufferPointer(start: slots, count: slotCount) where slot != 0 {
            let entry = memory.place(slot >> LookupIndex.tagBits)
            versions.removeAll(keepingCapacity: true)
            var address = entry.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
            while address != 0 {
                let row = memory.place(address)
                versions.append((row.loadUnaligned(as: Int64.self), address))
                address = row.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            }
            // Later rows have larger addresses.
            versions.sort { $0.time != $1.time ? $0.time < $1.time : $0.row < $1.row }
            entry.storeBytes(of: UInt32(truncatingIfNeeded: end), toByteOffset: 4, as: UInt32.self)
            entry.storeBytes(of: UInt32(truncatingIfNeeded: versions.count), toByteOffset: 8, as: UInt32.self)
            for version in versions {
                (times + end).initialize(to: version.time)
                (rows + end).initialize(to: version.row)
                end += 1
            }
        }
        return (times, rows)
    }
}
