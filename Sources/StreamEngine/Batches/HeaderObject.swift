/// The headers of a message as the text of a JSON object, in their order; a name may come more than once.
package struct HeaderObject: ~Copyable {
    private var text = ByteBuffer(capacity: 256)
    /// A copy of a name or a value, followed by bytes that may be read.
    private var copy = ByteBuffer(capacity: 256)

    package init() {}

    /// Calls `body` with the object of the headers that were added, and removes them; with nil if there are none.
    package mutating func take<Result>(_ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard text.count > 0 else { return body(nil) }
        text.append(UInt8(ascii: "}"))
        defer { text.removeAll() }
        return text.withBytes { body($0) }
    }

    /// - Parameter value: nil for a header without a value, which is null.
    package mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
        text.append(UInt8(ascii: text.count == 0 ? "{" : ","))
        append(name)
        text.append(UInt8(ascii: ":"))
        if let value { append(value) } else { text.append("null" as StaticString) }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        copy.removeAll()
        copy.append(bytes)
        copy.append("\0\0\0\0\0\0\0\0" as StaticString)
        let isText = copy.withBytes { UTF8Text.isValid(UnsafeRawBufferPointer(rebasing: $0.prefix(bytes.count))) }
        guard !isText else { return text.append(quoted: bytes) }
        var digits = [UInt8](repeating: 0, count: HexText.markedCount(bytes.count))
        digits.withUnsafeMutableBytes { HexText.writeMarked(bytes, to: $0) }
        digits.withUnsafeBytes { text.append(quoted: $0) }
    }
}
