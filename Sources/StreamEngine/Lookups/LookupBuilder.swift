/// Makes a table of the rows of all batches.
///
/// The slots are divided into regions that are filled at the same time, each by one thread and in the order of the file.
struct LookupBuilder {
    /// A row whose key an earlier one has.
    struct Duplicate {
        var line: Int
        var keys: [Value]
    }

    private struct Region {
        var keys = 0
        var duplicates = 0
        /// Whether it has too few slots.
        var isFull = false
    }

    private static let leastSlots = 1 << 10
    /// A region has at least so many slots; in fewer, keys are not spread evenly enough.
    private static let leastRegion = 1 << 13

    private let memory: LookupMemory
    private let isTimed: Bool
    private let keepsLast: Bool
    private let batches: [LookupRows]
    private let rowCount: Int

    /// - Parameters:
    ///   - isTimed: whether a key has versions, each with a time.
    ///   - keepsLast: whether the last row of a key counts, rather than the first.
    init(_ batches: [LookupRows], _ memory: LookupMemory, isTimed: Bool, keepsLast: Bool) {
        self.batches = batches
        self.memory = memory
        self.isTimed = isTimed
        self.keepsLast = keepsLast
        rowCount = batches.reduce(0) { $0 + $1.count }
    }

    /// - Returns: nil if there are more keys than a table can hold.
    func table(
        _ columns: [String], _ content: LookupTable.Content, hash: KeyHash, hashMask: UInt64, _ crew: any Crew
    ) -> LookupTable? {
        guard rowCount < Int(UInt32.max) else { return nil }
        var count = Self.slotCount(forKeys: rowCount)
        var slots: Slots
        var counts = LookupTable.Counts()
        while true {
            guard let filled = fill(count, crew) else { return nil }
            (slots, counts) = filled
            // Most rows of the table have the key of another one.
            let enough = Self.slotCount(forKeys: counts.keys)
            guard enough &* 2 < slots.count else { break }
            slots.first.deallocate()
            count = enough
        }
        var (times, versions): (UnsafeMutablePointer<Int64>?, UnsafeMutablePointer<UInt64>?)
        if isTimed {
            let sorted = sortVersions(slots, crew)
            (times, versions) = (sorted.times, sorted.entries)
        }
        counts.bytes =
            batches.reduce(0) { $0 + $1.byteCount } + 8 * slots.count + (isTimed ? 16 * rowCount : 0)
        let index = LookupIndex(
            slots: slots.first, shift: slots.shift, regionMask: UInt64(slots.regionSize - 1), chunks: memory.chunks,
            hash: hash, hashMask: hashMask, times: times, versions: versions)
        return LookupTable(columns, counts, content, index, memory)
    }

    private static func slotCount(forKeys count: Int) -> Int {
        var slots = leastSlots
        while slots < LookupIndex.mostSlots, slots / 4 * 3 < count { slots *= 2 }
        return slots
    }

    // MARK: Slots

    private struct Slots {
        let first: UnsafeMutablePointer<UInt64>
        let count: Int
        let regionCount: Int

        init(_ count: Int, _ regionCount: Int) {
            let memory = LargeMemory.allocate(byteCount: count * MemoryLayout<UInt64>.stride)
            first = memory.bindMemory(to: UInt64.self, capacity: count)
            self.count = count
            self.regionCount = regionCount
        }

        var regionSize: Int { count / regionCount }
        var shift: UInt64 { LookupIndex.tagBits - UInt64(count.trailingZeroBitCount) }
        /// The partitions of a region.
        func partitions(of region: Int) -> Range<Int> {
            let size = LookupRows.partitionCount / regionCount
            return region * size..<(region + 1) * size
        }
    }

    /// Puts the rows into `count` slots, or more if necessary.
    ///
    /// - Returns: nil if there are more keys than a table can hold.
    private func fill(_ count: Int, _ crew: any Crew) -> (Slots, LookupTable.Counts)? {
        var (count, regionCount) = (count, min(LookupRows.partitionCount, max(1, count / Self.leastRegion)))
        while true {
            let slots = Slots(count, regionCount)
            let regions = UnsafeMutableBufferPointer<Region>.allocate(capacity: regionCount)
            regions.initialize(repeating: Region())
            defer { regions.deallocate() }
            crew.run(regionCount) { regions[$0] = fill($0, of: slots) }
            if !regions.contains(where: { $0.isFull }) {
                var counts = LookupTable.Counts()
                counts.rows = rowCount
                counts.keys = regions.reduce(0) { $0 + $1.keys }
                counts.duplicates = regions.reduce(0) { $0 + $1.duplicates }
                return (slots, counts)
            }
            slots.first.deallocate()
            if regionCount > 1 {
                // Only where hashes are not spread evenly.
                regionCount = 1
            } else if count < LookupIndex.mostSlots {
                count *= 2
            } else {
                return nil
            }
        }
    }

    private func fill(_ region: Int, of slots: Slots) -> Region {
        let size = slots.regionSize
        (slots.first + region * size).initialize(repeating: 0, count: size)
        var filled = Region()
        for partition in slots.partitions(of: region) {
            for batch in batches {
                guard add(batch, partition, to: slots, &filled) else {
                    filled.isFull = true
                    return filled
                }
            }
        }
        return filled
    }

    /// Adds the rows of a partition of a batch.
    ///
    /// - Returns: whether there were enough slots.
    private func add(_ batch: LookupRows, _ partition: Int, to slots: Slots, _ filled: inout Region) -> Bool {
        let (first, shift, chunks) = (slots.first, slots.shift, memory.chunks)
        let regionMask = UInt64(slots.regionSize - 1)
        // Some slots stay empty, so that looking for a key that is not there ends soon.
        let most = slots.regionSize / 8 * 7
        for slot in batch.slots(of: partition) {
            let tag = slot & LookupIndex.tagMask
            var place = LookupIndex.home(tag, shift: shift)
            while true {
                let other = first[Int(truncatingIfNeeded: place)]
                if other == 0 {
                    guard filled.keys < most else { return false }
                    filled.keys &+= 1
                    first[Int(truncatingIfNeeded: place)] = slot
                    if isTimed { LookupEntry.setLink(slot &>> LookupIndex.tagBits, of: entry(slot, chunks)) }
                    break
                }
                if other & LookupIndex.tagMask == tag,
                    LookupEntry.haveSameKey(entry(slot, chunks), entry(other, chunks), isTimed: isTimed)
                {
                    filled.duplicates &+= 1
                    if isTimed {
                        LookupEntry.setLink(LookupEntry.link(of: entry(other, chunks)), of: entry(slot, chunks))
                        LookupEntry.setLink(slot &>> LookupIndex.tagBits, of: entry(other, chunks))
                    } else if keepsLast {
                        first[Int(truncatingIfNeeded: place)] = slot
                    }
                    break
                }
                place = LookupIndex.next(place, regionMask: regionMask)
            }
        }
        return true
    }

    @inline(__always)
    private func entry(
        _ slot: UInt64, _ chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    ) -> UnsafeMutableRawPointer {
        LookupMemory.place(slot &>> LookupIndex.tagBits, in: chunks)
    }

    /// The first row whose key an earlier one has; nil if there is none.
    ///
    /// - Parameters:
    ///   - index: of the table, which has the first row of each key.
    ///   - keys: the number of values of a key.
    func firstDuplicate(in index: LookupIndex, keys: Int) -> Duplicate? {
        for batch in batches {
            var first: Duplicate?
            for slot in batch.all where !index.has(slot) {
                let origin = LookupEntry.origin(of: index.entry(slot), isTimed: isTimed, keys: keys)
                guard first.map({ origin.line < $0.line }) ?? true else { continue }
                first = Duplicate(line: origin.line, keys: origin.keys)
            }
            if let first { return first }
        }
        return nil
    }

    // MARK: Versions

    /// Puts the versions of each key side by side, in the order of their times; of equal ones, the last row is last.
    private func sortVersions(
        _ slots: Slots, _ crew: any Crew
    ) -> (times: UnsafeMutablePointer<Int64>, entries: UnsafeMutablePointer<UInt64>) {
        let times = UnsafeMutablePointer<Int64>.allocate(capacity: max(1, rowCount))
        let entries = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, rowCount))
        var starts: [Int] = []
        var start = 0
        for region in 0..<slots.regionCount {
            starts.append(start)
            for partition in slots.partitions(of: region) {
                for batch in batches { start += batch.slots(of: partition).count }
            }
        }
        crew.run(slots.regionCount) { [starts] region in
            var end = starts[region]
            var versions: [(time: Int64, row: Int, address: UInt64)] = []
            let size = slots.regionSize
            for slot in UnsafeBufferPointer(start: slots.first + region * size, count: size) where slot != 0 {
                let head = entry(slot, memory.chunks)
                versions.removeAll(keepingCapacity: true)
                var address = LookupEntry.link(of: head)
                while true {
                    let entry = LookupMemory.place(address, in: memory.chunks)
                    // From the last row on.
                    versions.append((LookupEntry.time(of: entry), -versions.count, address))
                    if address == slot &>> LookupIndex.tagBits { break }
                    address = LookupEntry.link(of: entry)
                }
                versions.sort { $0.time != $1.time ? $0.time < $1.time : $0.row < $1.row }
                LookupEntry.setVersions(end, versions.count, of: head)
                for version in versions {
                    (times + end).initialize(to: version.time)
                    (entries + end).initialize(to: version.address)
                    end += 1
                }
            }
        }
        return (times, entries)
    }
}
