/// Takes decisions and values from the bytes of an input; when they run out, everything is 0.
struct Input {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = Array(bytes) }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        position += 1
        return bytes[position - 1]
    }

    mutating func below(_ bound: Int) -> Int { Int(byte()) % max(1, bound) }

    mutating func word() -> UInt64 { (0..<8).reduce(UInt64(0)) { word, _ in word << 8 | UInt64(byte()) } }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// All bytes that are left.
    mutating func rest() -> [UInt8] {
        defer { position = bytes.count }
        return Array(bytes[min(position, bytes.count)...])
    }

    /// The bytes up to the next 0, which is dropped.
    mutating func field() -> [UInt8] {
        let end = bytes[min(position, bytes.count)...].firstIndex(of: 0) ?? bytes.count
        defer { position = end + 1 }
        return Array(bytes[min(position, bytes.count)..<end])
    }

    mutating func text() -> String { String(decoding: field(), as: UTF8.self) }

    mutating func restText() -> String { String(decoding: rest(), as: UTF8.self) }
}
