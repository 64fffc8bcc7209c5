/// Where the entries of a table are: an open hash table with linear probing.
///
/// A slot is the address of an entry (36 bits) and a tag: the lower 28 bits of the hash of its key, whose upper bits are its
/// place in a table of any size; 0 if it is empty. The slots are divided into regions of equal size, at whose ends
/// probing goes on with their starts: so they can be filled at the same time.
struct LookupIndex {
    static let tagBits: UInt64 = 64 - LookupMemory.addressBits
    static let tagMask: UInt64 = 1 << tagBits - 1
    /// More slots have no place.
    static let mostSlots = 1 << Int(tagBits)

    let slots: UnsafeMutablePointer<UInt64>
    /// How far a tag is shifted to the right to be a place.
    let shift: UInt64
    /// The number of slots of a region, less one.
    let regionMask: UInt64
    let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    let hash: KeyHash
    /// The bits of hashes that are used; fewer in tests.
    let hashMask: UInt64
    /// With versions: their times and entries, those of a key side by side in the order of time.
    let times: UnsafeMutablePointer<Int64>?
    let versions: UnsafeMutablePointer<UInt64>?

    func deallocate() {
        slots.deallocate()
        times?.deallocate()
        versions?.deallocate()
    }

    @inline(__always)
    func hash(of key: UnsafeRawPointer, _ length: Int) -> UInt64 { hash(key, length) & hashMask }

    @inline(__always) static func slot(_ address: UInt64, _ hash: UInt64) -> UInt64 {
        address &<< tagBits | hash & tagMask
    }

    /// The place of the first slot to look at.
    @inline(__always) static func home(_ hash: UInt64, shift: UInt64) -> UInt64 { (hash & tagMask) &>> shift }

    /// The place of the slot to look at after one.
    @inline(__always) static func next(_ place: UInt64, regionMask: UInt64) -> UInt64 {
        place & ~regionMask | (place &+ 1) & regionMask
    }

    /// The slot at a place.
    @inline(__always) func slot(_ place: UInt64) -> UnsafeMutablePointer<UInt64> {
        slots + Int(truncatingIfNeeded: place)
    }

    @inline(__always) func entry(_ slot: UInt64) -> UnsafeRawPointer {
        UnsafeRawPointer(LookupMemory.place(slot &>> Self.tagBits, in: chunks))
    }

    /// The place of the first slot that is empty or has the tag of a hash, from a place on.
    @inline(__always) func seek(_ hash: UInt64, from place: UInt64) -> UInt64 {
        let tag = hash & Self.tagMask
        var place = place
        while true {
            let slot = slots[Int(truncatingIfNeeded: place)]
            if slot == 0 || slot & Self.tagMask == tag { return place }
            place = Self.next(place, regionMask: regionMask)
        }
    }

    /// The values of the row of a key; nil if there is none.
    ///
    /// - Parameters:
    ///   - place: that `seek` has found.
    ///   - time: the event time, if the table has versions: the last one that is not later applies.
    @inline(__always)
    func find(
        _ key: UnsafeRawPointer, _ length: Int, _ hash: UInt64, from place: UInt64, at time: Int64?
    ) -> UnsafeRawPointer? {
        let head = LookupEntry.head(isTimed: times != nil)
        var place = place
        while true {
            let slot = slots[Int(truncatingIfNeeded: place)]
            if slot == 0 { return nil }
            let entry = entry(slot)
            if LookupEntry.keyCount(entry) == length, isEqual(entry + head, key, length) {
                guard let time else { return entry + head + length }
                return version(entry, at: time).map { $0 + head + length }
            }
            place = seek(hash, from: Self.next(place, regionMask: regionMask))
        }
    }

    /// Whether a slot of a row is the one that its key has.
    func has(_ row: UInt64) -> Bool {
        var next = Self.home(row, shift: shift)
        while true {
            let slot = slots[Int(truncatingIfNeeded: next)]
            if slot == row { return true }
            if slot == 0 { return false }
            next = Self.next(next, regionMask: regionMask)
        }
    }

    private func version(_ entry: UnsafeRawPointer, at time: Int64) -> UnsafeRawPointer? {
        guard let times, let versions else { return nil }
        let (first, count) = LookupEntry.versions(of: entry)
        let next = (first..<first &+ count).partitioningIndex { times[$0] > time }
        guard next > first else { return nil }
        return UnsafeRawPointer(LookupMemory.place(versions[next &- 1], in: chunks))
    }
}
