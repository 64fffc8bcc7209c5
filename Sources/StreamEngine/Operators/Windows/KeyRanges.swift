/// Ranges of keys, one for each thread that merges windows: about the same number of keys each, by their places in the order
/// of the keys.
struct KeyRanges {
    /// The number of ranges.
    let count: Int
    let keyCount: Int

    /// The range of the key at a place.
    @inline(__always) func range(of place: Int) -> Int { place &* count / keyCount }

    /// The places of the keys of a range.
    func places(of range: Int) -> Range<Int> { start(of: range)..<start(of: range + 1) }

    /// The least place whose `range` is this one or a later one.
    private func start(of range: Int) -> Int { (range * keyCount + count - 1) / count }
}
