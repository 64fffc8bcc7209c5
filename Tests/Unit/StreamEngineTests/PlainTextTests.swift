import Testing

@testable import StreamEngine

@Suite struct PlainTextTests {
    /// Every text of up to 20 letters with one other byte in it.
    private static func texts(with byte: UInt8) -> [[UInt8]] {
        (1...20).flatMap { length in
            (0..<length).map { place in
                var text = [UInt8](repeating: 0x61, count: length)
                text[place] = byte
                return text
            }
        }
    }

    private static func written(_ body: (inout ByteBuffer) -> Void) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 64)
        body(&buffer)
        return buffer.withBytes { Array($0) }
    }

    private static func jsonEscape(_ byte: UInt8) -> [UInt8] {
        let short: [UInt8: String] = [
            0x08: "\\b", 0x09: "\\t", 0x0a: "\\n", 0x0c: "\\f", 0x0d: "\\r", 0x22: "\\\"", 0x5c: "\\\\",
        ]
        if let text = short[byte] { return Array(text.utf8) }
        guard byte < 0x20 || byte == 0x7f else { return [byte] }
        let digits = String(byte, radix: 16)
        return Array(("\\u00" + (digits.count == 1 ? "0" : "") + digits).utf8)
    }

    @Test("a byte is escaped in a JSON string wherever it stands", arguments: UInt8.min...UInt8.max)
    func json(byte: UInt8) {
        for text in Self.texts(with: byte) {
            let escaped: [UInt8] = text.flatMap { byte -> [UInt8] in Self.jsonEscape(byte) }
            let expected: [UInt8] = [0x22] + escaped + [0x22]
            let result = Self.written { buffer in text.withUnsafeBytes { buffer.append(quoted: $0) } }
            if result != expected { Issue.record("\(text) gave \(result)") }
        }
    }

    @Test("a CSV field is quoted for a byte wherever that stands", arguments: UInt8.min...UInt8.max)
    func csv(byte: UInt8) {
        for text in Self.texts(with: byte) {
            let isSpecial = [0x2c, 0x22, 0x0a, 0x0d].contains(byte)
            let doubled: [UInt8] = text.flatMap { byte -> [UInt8] in byte == 0x22 ? [byte, byte] : [byte] }
            let expected: [UInt8] = isSpecial ? [0x22] + doubled + [0x22] : text
            let result = Self.written { buffer in text.withUnsafeBytes { buffer.append(csv: $0) } }
            if result != expected { Issue.record("\(text) gave \(result)") }
        }
    }

    @Test("the empty text is two quotes")
    func empty() {
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(Self.written { $0.append(quoted: none) } == [0x22, 0x22])
        #expect(Self.written { $0.append(csv: none) } == [0x22, 0x22])
    }
}
