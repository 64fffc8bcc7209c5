import StreamEngine

/// The FNV-1a hash of up to `reach` bytes at the start of an input and up to as many before a position. A different hash
/// shows that the bytes before the position have changed. Of a compressed file, these are the decompressed bytes.
struct PositionHash {
    static let reach = 1024

    let value: Int64

    /// - Parameters:
    ///   - head: the first bytes; at least `reach`, or all up to the position.
    ///   - tail: the last bytes before the position; the same.
    init(_ head: some Collection<UInt8>, _ tail: some Collection<UInt8>, _ position: Int) {
        let count = min(PositionHash.reach, position)
        var hash = FNV1a()
        for byte in head.prefix(count) { hash.add(byte) }
        for byte in tail.suffix(count) { hash.add(byte) }
        value = Int64(bitPattern: hash.value)
    }
}
