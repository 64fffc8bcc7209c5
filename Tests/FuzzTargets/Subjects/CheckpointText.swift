@testable import StreamEngine

/// A text that is read is written, and what is written is read as the same checkpoint; nothing else traps. With a
/// checksum, no other values are read.
func checkCheckpoint(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    let kind = input.below(3)
    let whole = Checkpoint().text
    let text =
        switch kind {
        case 0: input.restText()
        case 1: edited(whole.replacing(/,"checksum":-?[0-9]+/, with: ""), &input)
        default: edited(whole, &input)
        }
    guard let checkpoint = Checkpoint(text: text) else { return }
    expect(kind < 2 || checkpoint == Checkpoint(), "\(text) matches its checksum, and is \(checkpoint.text)")
    guard let again = Checkpoint(text: checkpoint.text) else { fail("\(checkpoint.text) is not read") }
    expect(again == checkpoint, "\(text) is written \(checkpoint.text), which is \(again.text)")
    expect(again.text == checkpoint.text, "\(checkpoint.text) is written \(again.text)")
    let partitions = checkpoint.input.partitions.indices.map { checkpoint.partitionText($0) }
    let parts = try? Checkpoint(parsing: checkpoint.commonText, partitions: partitions)
    expect(parts == checkpoint, "in parts \(checkpoint.commonText) \(partitions), whole \(checkpoint.text)")
}

/// A valid text with other numbers, words and strings in it.
private func edited(_ text: String, _ input: inout Input) -> String {
    var result = ""
    var rest = text[...]
    while let colon = rest.firstIndex(of: ":") {
        result += rest[...colon]
        rest = rest[rest.index(after: colon)...]
        let value = rest.prefix { $0 != "," && $0 != "}" && $0 != "]" }
        guard !value.isEmpty, value.allSatisfy({ $0.isLetter || $0.isNumber || "-\"".contains($0) }) else { continue }
        switch input.below(8) {
        case 0: result += "\(Int64(bitPattern: input.word()))"
        case 1: result += "\(input.byte())"
        case 2: result += input.pick(["true", "false", "null", "[]", "{}", "1.5", "-1", "\"s\"", "\"\\u0000\\n\""])
        case 3: result += "\"\(input.text().replacing("\"", with: "\\\"").replacing("\n", with: "\\n"))\""
        default: result += value
        }
        rest = rest.dropFirst(value.count)
    }
    return result + rest
}
