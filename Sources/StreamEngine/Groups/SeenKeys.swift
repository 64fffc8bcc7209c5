/// The keys of accepted records, for `--dedup`: fingerprints with the event time of the record and the batch in which their
/// chain began (see `Deduplicator`). A key may be there several times, with times further apart than duplicates are.
///
/// Divided into parts by the fingerprint, so that growing copies one of them at a time. A part is open addressing with
/// linear probing. The place of a key grows with its fingerprint, so that moving a part reads and writes memory in order.
///
/// A value with memory of its own: `free` it once.
struct SeenKeys {
    static let partCount = 64

    /// Where the lookup of a key ended, and with what.
    enum Finding {
        /// An accepted record of the key is near.
        case near
        /// There is none. `place` is for the new one; `chain` is that of the keys of this one that are needed.
        case free(place: Int, chain: UInt32?)
    }

    struct Part {
        fileprivate(set) var keys: UnsafeMutablePointer<KeyFingerprint>
        /// `dropped` where there is no key. Not allocated if all of the input is searched.
        fileprivate(set) var times: UnsafeMutablePointer<Int64>?
        /// The batch in which the chain of the key began, modulo 2^31, and in the highest bit whether there was a duplicate
        /// with a later time.
        fileprivate(set) var chains: UnsafeMutablePointer<UInt32>?
        fileprivate(set) var capacity: Int
        /// Places in use, and those of them that may be used again.
        fileprivate(set) var count = 0
        fileprivate(set) var droppedCount = 0
        /// The most places to use.
        fileprivate(set) var limit: Int
    }

    /// The time of a key that is no longer needed.
    private static let dropped = Int64.min
    private static let firstCapacity = 32
    static let hadDuplicate: UInt32 = 1 << 31

    private(set) var parts: UnsafeMutablePointer<Part>
    /// nil: all of the input.
    private let within: Int64?
    /// Times before these are no longer needed, without a later duplicate and with one.
    private(set) var needed = (alone: Int64.min, repeated: Int64.min)

    init(within: Int64?) {
        self.within = within
        parts = .allocate(capacity: Self.partCount)
        for number in 0..<Self.partCount {
            (parts + number).initialize(to: Self.makePart(Self.firstCapacity, hasTimes: within != nil))
        }
    }

    func free() {
        for number in 0..<Self.partCount { Self.free(parts[number]) }
        parts.deallocate()
    }

    var memoryBytes: Int {
        (0..<Self.partCount).reduce(0) { bytes, number in
            let capacity = parts[number].capacity
            return bytes &+ StateMemory.blockSize(of: KeyFingerprint.self, capacity: capacity)
                &+ (parts[number].times == nil
                    ? 0
                    : StateMemory.blockSize(of: Int64.self, capacity: capacity)
                        &+ StateMemory.blockSize(of: UInt32.self, capacity: capacity))
        }
    }

    /// Keys that are needed, as far as the last sweep has found out.
    var count: Int { (0..<Self.partCount).reduce(0) { $0 &+ parts[$1].count &- parts[$1].droppedCount } }

    @inline(__always) func part(of key: KeyFingerprint) -> UnsafeMutablePointer<Part> {
        parts + Int(truncatingIfNeeded: key.high >> 58)
    }

    @inline(__always) private static func home(_ key: KeyFingerprint, _ capacity: Int) -> Int {
        Int(truncatingIfNeeded: key.low.multipliedFullWidth(by: UInt64(truncatingIfNeeded: capacity)).high)
    }

    /// Reads the memory that the lookup of a key will need, so that the cache misses of several overlap.
    @inline(__always) func touch(_ key: KeyFingerprint) -> UInt64 {
        let part = part(of: key)
        let place = Self.home(key, part.pointee.capacity)
        let word = part.pointee.keys[place].low
        guard let times = part.pointee.times, let chains = part.pointee.chains else { return word }
        return word &+ UInt64(bitPattern: times[place]) &+ UInt64(chains[place])
    }

    /// Notes that the watermark has advanced: later records are not older than it by more than `within`.
    mutating func advance(to watermark: Int64) {
        guard let within else { return }
        needed.alone = saturatingSubtract(watermark, 2 &* within)
        needed.repeated = saturatingSubtract(watermark, 3 &* within)
    }

    /// Looks a key up, and whether one of its records was accepted with a time near this one.
    @inline(__always) func find(
        _ key: KeyFingerprint, _ time: Int64, in part: UnsafeMutablePointer<Part>
    ) -> Finding {
        let (keys, capacity) = (part.pointee.keys, part.pointee.capacity)
        var place = Self.home(key, capacity)
        var reused: Int?
        var chain: UInt32?
        while true {
            let found = keys[place]
            if found.isNone { break }
            if found == key {
                guard let within, let times = part.pointee.times, let chains = part.pointee.chains else { return .near }
                let other = times[place]
                let isRepeated = chains[place] & Self.hadDuplicate != 0
                if other < (isRepeated ? needed.repeated : needed.alone) || other == Self.dropped {
                    reused = reused ?? place
                } else if (time &- other).magnitude <= UInt64(bitPattern: within) {
                    if time > other { chains[place] |= Self.hadDuplicate }
                    return .near
                } else {
                    // That of all keys here that are needed: each was stored with the chain of those that were needed then.
                    chain = chains[place] & ~Self.hadDuplicate
                }
            }
            place &+= 1
            if place == capacity { place = 0 }
        }
        return .free(place: reused ?? place, chain: chain)
    }

    /// How many batches ago a number modulo 2^31 was.
    @inline(__always) static func age(_ start: UInt32, _ batch: UInt32) -> UInt32 {
        (batch &- start) & ~hadDuplicate
    }

    /// Stores a key in the place that `find` has found.
    ///
    /// - Returns: the chain of the key that was in this place, and was no longer needed.
    @inline(__always) func put(
        _ key: KeyFingerprint, _ time: Int64, chain: UInt32, at place: Int, in part: UnsafeMutablePointer<Part>
    ) -> UInt32? {
        var replaced: UInt32?
        if part.pointee.keys[place].isNone {
            part.pointee.keys[place] = key
            part.pointee.count &+= 1
        } else if let times = part.pointee.times, times[place] != Self.dropped {
            replaced = part.pointee.chains.map { $0[place] & ~Self.hadDuplicate }
        } else {
            part.pointee.droppedCount &-= 1
        }
        part.pointee.times?[place] = time
        part.pointee.chains?[place] = chain
        return replaced
    }

    @inline(__always) func isFull(_ part: UnsafeMutablePointer<Part>) -> Bool {
        part.pointee.count >= part.pointee.limit
    }

    /// Drops the keys of a part that are no longer needed; their places can be used again.
    ///
    /// - Parameter release: called with the chain of each of them.
    func sweep(_ part: UnsafeMutablePointer<Part>, _ release: (UInt32) -> Void) {
        guard needed.alone > Int64.min, let times = part.pointee.times, let chains = part.pointee.chains else { return }
        for place in 0..<part.pointee.capacity where times[place] < needed.alone && times[place] != Self.dropped {
            if chains[place] & Self.hadDuplicate != 0, times[place] >= needed.repeated { continue }
            times[place] = Self.dropped
            part.pointee.droppedCount &+= 1
            release(chains[place] & ~Self.hadDuplicate)
        }
        let living = part.pointee.count &- part.pointee.droppedCount
        if living < part.pointee.capacity / 8, part.pointee.capacity > Self.firstCapacity {
            move(part, to: max(Self.firstCapacity, living &* 2))
        }
    }

    /// Makes room in a part that was swept: moves it without the dropped keys, to more memory if they were few.
    func makeRoom(_ part: UnsafeMutablePointer<Part>) {
        let living = part.pointee.count &- part.pointee.droppedCount
        let capacity = part.pointee.capacity
        // The larger the part, the more memory matters.
        let larger = capacity &+ (capacity < 1 << 12 ? capacity : capacity / (capacity < 1 << 17 ? 2 : 4))
        move(part, to: living > part.pointee.limit / 5 &* 4 ? larger : capacity)
    }

    private func move(_ part: UnsafeMutablePointer<Part>, to capacity: Int) {
        let old = part.pointee
        var new = Self.makePart(capacity, hasTimes: within != nil)
        for from in 0..<old.capacity {
            let key = old.keys[from]
            if key.isNone { continue }
            if let times = old.times, times[from] == Self.dropped { continue }
            var place = Self.home(key, capacity)
            while !new.keys[place].isNone { place = place &+ 1 == capacity ? 0 : place &+ 1 }
            new.keys[place] = key
            if let times = old.times { new.times?[place] = times[from] }
            if let chains = old.chains { new.chains?[place] = chains[from] }
            new.count &+= 1
        }
        Self.free(old)
        part.pointee = new
    }

    private static func makePart(_ capacity: Int, hasTimes: Bool) -> Part {
        let keys: UnsafeMutablePointer<KeyFingerprint> = StateMemory.allocate(capacity)
        keys.initialize(repeating: .none, count: capacity)
        var part = Part(keys: keys, times: nil, chains: nil, capacity: capacity, limit: capacity / 4 &* 3)
        if hasTimes {
            let times: UnsafeMutablePointer<Int64> = StateMemory.allocate(capacity)
            times.initialize(repeating: dropped, count: capacity)
            let chains: UnsafeMutablePointer<UInt32> = StateMemory.allocate(capacity)
            chains.initialize(repeating: 0, count: capacity)
            (part.times, part.chains) = (times, chains)
        }
        return part
    }

    private static func free(_ part: Part) {
        StateMemory.free(part.keys, capacity: part.capacity)
        if let times = part.times { StateMemory.free(times, capacity: part.capacity) }
        if let chains = part.chains { StateMemory.free(chains, capacity: part.capacity) }
    }
}
