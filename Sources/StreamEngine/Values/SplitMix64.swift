/// SplitMix64 (Steele, Lea and Flood, 2014).
package enum SplitMix64 {
    /// Its finalizer: equal steps in, random bits out. Each bit is spread over all others.
    @inlinable package static func mixed(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}
