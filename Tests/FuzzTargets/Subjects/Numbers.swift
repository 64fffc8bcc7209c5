@testable import StreamEngine

/// The grammar of RFC 8259, by hand.
private func isNumber(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    func digits(_ rest: inout ArraySlice<UInt8>) -> Int {
        let count = rest.prefix { (0x30...0x39).contains($0) }.count
        rest = rest.dropFirst(count)
        return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let isZero = rest.first == 0x30
    let whole = digits(&rest)
    if whole == 0 || (isZero && whole > 1) { return false }
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst()
        if digits(&rest) == 0 { return false }
    }
    if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        if digits(&rest) == 0 { return false }
    }
    return rest.isEmpty
}

private func shown(_ value: Value?) -> String {
    guard let value else { return "none" }
    return value.kind == .double ? "double \(value.double)" : describe(value)
}

/// Numbers are read as the standard library reads them, and doubles are written as it writes them.
func checkNumbers(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    if input.byte() & 1 == 0 {
        let double = Double(bitPattern: input.word())
        guard double.isFinite else { return }
        checkText(writeAndCompare(double))
    } else {
        checkText(input.rest())
    }
}

private func writeAndCompare(_ double: Double) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.append(double: double)
    let text = Array(buffer.bytes)
    expect(Array("\(double)".utf8) == text, "\(double) is written \(String(decoding: text, as: UTF8.self))")
    return text
}

private func checkText(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    var expected: Value?
    if isNumber(bytes) {
        let isInteger = !bytes.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
        if isInteger, let integer = Int64(text) {
            expected = Value(integer)
        } else if let double = Double(text), double.isFinite {
            expected = Value(double)
        }
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    memory.copyBytes(from: bytes)
    defer { memory.deallocate() }
    let found = JSONNumber.parseWhole(UnsafeRawBufferPointer(memory))
    expect(shown(found) == shown(expected), "\(text) is \(shown(found)), expected \(shown(expected))")
    guard let expected else { return }
    // In a record: with bytes after it.
    let record = bytes + Array(",}\n                        ".utf8)
    let scanned = record.withUnsafeBytes { bytes in
        bytes.baseAddress.map { (JSONNumber.parse($0, from: 0), JSONNumber.skip($0, from: 0)) }
    }
    guard let scanned else { return }
    expect(scanned.0.end == bytes.count, "\(text) ends at \(scanned.0.end)")
    expect(scanned.1 == bytes.count, "\(text) is skipped to \(scanned.1)")
    expect(shown(scanned.0.value) == shown(expected), "\(text) is \(shown(scanned.0.value)) in a record")
    if expected.kind == .double { _ = writeAndCompare(expected.double) }
}
