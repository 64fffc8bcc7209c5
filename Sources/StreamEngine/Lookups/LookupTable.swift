/// The rows of a table by key, for `--lookup`. It never changes, and all workers read it without locks.
///
/// An entry is the length of its key (4 bytes), with `as-of` where its versions are (two numbers of 4 bytes), the bytes of
/// the key (`LookupKey`) and, without versions, its row. A row is its values (`KeyCoding.writeExact`) and an end mark. A
/// version is a row with its time (8 bytes) and another number (8 bytes) in front.
package final class LookupTable: @unchecked Sendable {
    /// The names of the columns of values, as the table has them.
    package let columns: [String]
    package let counts: Counts
    /// The bytes of the file, after decompression, and their hash.
    package let content: Content
    let index: LookupIndex
    private let memory: LookupMemory

    package struct Counts: Sendable {
        package var rows = 0
        package var keys = 0
        /// Rows whose key another row has too.
        package var duplicates = 0
        /// The memory of the table.
        package var bytes = 0
    }

    package struct Content: Sendable, Equatable {
        package var size: Int
        package var hash: Int64

        package init(size: Int, hash: Int64) {
            self.size = size
            self.hash = hash
        }
    }

    init(_ columns: [String], _ counts: Counts, _ content: Content, _ index: LookupIndex, _ memory: LookupMemory) {
        self.columns = columns
        self.counts = counts
        self.content = content
        self.index = index
        self.memory = memory
    }

    deinit {
        for chunk in memory.chunks { chunk.deallocate() }
        index.slots.deallocate()
        index.chunks.deallocate()
        index.times?.deallocate()
        index.rows?.deallocate()
    }
}

/// Where the entries of a table are: an open hash table with linear probing.
///
/// A slot is the address of an entry (36 bits) and the lower 28 bits of the hash of its key, which give its place in a
/// table of any size; 0 if it is empty.
struct LookupIndex {
    static let tagBits: UInt64 = 28
    static let tagMask: UInt64 = 1 << tagBits - 1
    /// More slots have no place.
    static let mostSlots = 1 << 28

    let slots: UnsafeMutablePointer<UInt64>
    let mask: UInt64
    let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    let hash: KeyHash
    /// The bits of hashes that are used; fewer in tests.
    let hashMask: UInt64
    /// With versions: their times and rows, those of a key side by side in the order of time.
    let times: UnsafeMutablePointer<Int64>?
    let rows: UnsafeMutablePointer<UInt64>?

    /// The bytes before the key of an entry.
    @inline(__always) static func keyOffset(isTimed: Bool) -> Int { isTimed ? 12 : 4 }
    /// The bytes before the values of a version.
    static let versionHead = 16

    @inline(__always)
    func hash(of key: UnsafeRawPointer, _ length: Int) -> UInt64 { hash(key, length) & hashMask }

    @inline(__always) func slot(_ hash: UInt64) -> UnsafeMutablePointer<UInt64> {
        slots + Int(truncatingIfNeeded: hash & mask)
    }

    @inline(__always) func place(_ slot: UInt64) -> UnsafeRawPointer {
        LookupMemory.place(slot &>> Self.tagBits, in: chunks)
    }

    /// The values of the row of a key; nil if there is none.
    ///
    /// - Parameter time: the event time, if the table has versions: the last one that is not later applies.
    @inline(__always)
    func find(_ key: UnsafeRawPointer, _ length: Int, _ hash: UInt64, at time: Int64?) -> UnsafeRawPointer? {
        let tag = hash & Self.tagMask
        var next = hash & mask
        let head = Self.keyOffset(isTimed: times != nil)
        while true {
            let slot = slots[Int(truncatingIfNeeded: next)]
            if slot == 0 { return nil }
            if slot & Self.tagMask == tag {
                let entry = place(slot)
                if Int(entry.loadUnaligned(as: UInt32.self)) == length, isEqual(entry + head, key, length) {
                    guard let time else { return entry + head + length }
                    return version(entry, at: time)
                }
            }
            next = (next &+ 1) & mask
        }
    }

    private func version(_ entry: UnsafeRawPointer, at time: Int64) -> UnsafeRawPointer? {
        guard let times, let rows else { return nil }
        let first = Int(entry.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        let count = Int(entry.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        var (low, high) = (first, first &+ count)
        while low < high {
            let middle = low &+ (high &- low) / 2
            if times[middle] <= time { low = middle &+ 1 } else { high = middle }
        }
        guard low > first else { return nil }
        return LookupMemory.place(rows[low &- 1], in: chunks) + Self.versionHead
    }
}
