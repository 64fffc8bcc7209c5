/// Finds equal keys in a list, with a hash table of places that is small enough for the nearest cache.
enum RepeatedKeys {
    /// Moves the first one of equal keys to the front of the list, in their order.
    ///
    /// - Parameter keys: mixed, so that their low bits serve as a hash.
    /// - Returns: the number of different keys.
    static func remove(from keys: UnsafeMutableBufferPointer<UInt64>) -> Int {
        guard let first = keys.baseAddress else { return 0 }
        if keys.count < Int(UInt16.max) { return remove(from: first, keys.count, places: UInt16.self) }
        return remove(from: first, keys.count, places: UInt32.self)
    }

    @inline(__always) private static func remove<Place: FixedWidthInteger & UnsignedInteger>(
        from keys: UnsafeMutablePointer<UInt64>, _ count: Int, places: Place.Type
    ) -> Int {
        // At most half full: chains of probes are short.
        let length = 2 << (Int.bitWidth - max(1, count - 1).leadingZeroBitCount)
        return withUnsafeTemporaryAllocation(of: Place.self, capacity: length) { buffer in
            guard let table = buffer.baseAddress else { return 0 }
            // For each key its place in the list, from 1.
            table.initialize(repeating: 0, count: length)
            let mask = length &- 1
            var kept = 0
            for i in 0..<count {
                let key = keys[i]
                // Where it belongs if it is new. So the key that a free slot refers to is this one, and whether it is new is
                // no branch, which nothing could predict.
                keys[kept] = key
                var slot = Int(truncatingIfNeeded: key) & mask
                while true {
                    let found = Int(truncatingIfNeeded: table[slot])
                    let place = found == 0 ? kept : found &- 1
                    if keys[place] == key {
                        table[slot] = Place(truncatingIfNeeded: place &+ 1)
                        kept = max(kept, place &+ 1)
                        break
                    }
                    slot = (slot &+ 1) & mask
                }
            }
            return kept
        }
    }
}
