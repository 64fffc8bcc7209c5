/// The rows of a batch of a table as slots of the table (`LookupIndex`), those of a partition side by side in the order of
/// the file.
struct LookupRows {
    /// Keys are divided by the upper bits of their tags, so that a partition of a large table fits into a cache.
    static let partitionBits: UInt64 = 6
    static let partitionCount = 1 << Int(partitionBits)

    private let slots: UnsafeMutablePointer<UInt64>
    let count: Int
    /// Where the slots of each partition end.
    private let ends: [UInt32]
    /// The bytes of their entries.
    let byteCount: Int

    /// - Parameters:
    ///   - found: the slots in the order of the file.
    ///   - arena: for the slots in their new order.
    /// - Returns: nil if the arena has no more memory.
    init?(_ found: [UInt64], byteCount: Int, _ arena: inout LookupArena) {
        guard let room = arena.room(found.count &* MemoryLayout<UInt64>.stride) else { return nil }
        arena.advance(found.count &* MemoryLayout<UInt64>.stride)
        let slots = room.bindMemory(to: UInt64.self, capacity: found.count)
        var ends = [UInt32](repeating: 0, count: Self.partitionCount)
        for slot in found { ends[Self.partition(of: slot)] &+= 1 }
        var end: UInt32 = 0
        for partition in ends.indices { (ends[partition], end) = (end, end &+ ends[partition]) }
        for slot in found {
            let partition = Self.partition(of: slot)
            (slots + Int(ends[partition])).initialize(to: slot)
            ends[partition] &+= 1
        }
        self.slots = slots
        self.ends = ends
        self.byteCount = byteCount
        count = found.count
    }

    @inline(__always) private static func partition(of slot: UInt64) -> Int {
        Int(truncatingIfNeeded: (slot & LookupIndex.tagMask) &>> (LookupIndex.tagBits &- partitionBits))
    }

    /// All slots.
    var all: UnsafeBufferPointer<UInt64> { UnsafeBufferPointer(start: slots, count: count) }

    /// The slots of a partition.
    func slots(of partition: Int) -> UnsafeBufferPointer<UInt64> {
        let start = partition == 0 ? 0 : Int(ends[partition - 1])
        return UnsafeBufferPointer(start: slots + start, count: Int(ends[partition]) - start)
    }
}
