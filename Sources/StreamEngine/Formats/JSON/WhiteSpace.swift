/// The white space between the tokens of JSON.
struct WhiteSpace {
    /// Bit n is set if byte n is white space; all such bytes are below 64.
    private let bits: UInt64

    /// In a line, where a newline ends the record.
    static let inLine = WhiteSpace(bits: 1 << 0x20 | 1 << 0x09 | 1 << 0x0d)
    /// In a record with a known end, which may contain newlines.
    static let inText = WhiteSpace(bits: inLine.bits | 1 << 0x0a)

    /// The index of the first byte at or after `start` that is not white space. The caller ensures that there is one.
    @inline(__always) func skip(_ base: UnsafeRawPointer, _ start: Int) -> Int {
        byte(base, start) > 0x20 ? start : skipRun(base, start)
    }

    /// Not inlined: most records have no white space, and the callers need the registers.
    @inline(never) private func skipRun(_ base: UnsafeRawPointer, _ start: Int) -> Int {
        var i = start
        while true {
            let byte = byte(base, i)
            guard byte <= 0x20, bits &>> UInt64(byte) & 1 != 0 else { return i }
            i &+= 1
        }
    }
}
