/// Moves over the elements of an array that a scanner has accepted.
struct JSONElements {
    private let base: UnsafeRawPointer
    private let end: Int
    private var i = 1

    /// - Parameter array: its text; 16 bytes after it are readable. nil if it is not an array.
    init?(_ array: UnsafeRawBufferPointer) {
        guard let base = array.baseAddress, array.first == UInt8(ascii: "[") else { return nil }
        self.base = base
        end = array.count &- 1
    }

    /// The range of the next element; nil at the end.
    mutating func next() -> Range<Int>? {
        while i < end, byte(base, i) <= 0x20 || byte(base, i) == UInt8(ascii: ",") { i &+= 1 }
        guard i < end else { return nil }
        let start = i
        var depth = 0
        while i < end {
            switch byte(base, i) {
            case UInt8(ascii: "\""):
                i = JSONStreamWalk.endOfString(base, from: i &+ 1, limit: end)
                if i < 0 { i = end }
                if depth == 0 { return start..<i }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                if depth == 0 {
                    i &+= 1
                    return start..<i
                }
            case UInt8(ascii: ","), 0x00...0x20: if depth == 0 { return start..<i }
            default: break
            }
            i &+= 1
        }
        return start..<end
    }
}
