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
    let text = buffer.withBytes { Array($0) }
    expect(Array("\(double)".utf8) == text, "\(double) is written \(String(decoding: text, as: UTF8.self))")
    return text
}

private func checkText(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let isRead = isNumber(bytes) && Double(text)?.isFinite == true
    let expected = isRead ? JSONTree.number(text).description : "none"
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    memory.copyBytes(from: bytes)
    defer { memory.deallocate() }
    let found = JSONNumber.parseWhole(UnsafeRawBufferPointer(memory))
    expect(shown(found) == expected, "\(text) is \(shown(found)), expected \(expected)")
    guard isRead, let double = Double(text) else { return }
    // In a record: with bytes after it.
    let record = bytes + Array(",}\n                        ".utf8)
    record.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        let scanned = JSONNumber.parse(base, from: 0)
        expect(scanned.end == text.utf8.count, "\(text) ends at \(scanned.end)")
        let skipped = JSONNumber.skip(base, from: 0)
        expect(skipped == text.utf8.count, "\(text) is skipped to \(skipped)")
        expect(shown(scanned.value) == expected, "\(text) is \(shown(scanned.value)) in a record")
        if scanned.value.kind == .double { _ = writeAndCompare(double) }
    }
}
