@testable import StreamEngine

private let jsonFields = ["a", "a.b", "b[0]", "abcdefghi", "\"$watermark\""].compactMap { try? FieldPath.parse($0) }

/// The only use of the scanner: reads lines, or records that are cut already, as parts of one input.
private struct LineReader: ~Copyable {
    private var format: JSONFormat
    private var batch = Batch(capacity: 64)
    private var records: Records

    init(maxLine: Int) {
        format = JSONFormat(fields: jsonFields + [FieldPath(name: Array("$watermark".utf8))], maxLine: maxLine)
        records = Records(columnCount: jsonFields.count + 1)
    }

    /// One line for each row: its number in the batch, and what came of it.
    mutating func read(lines bytes: ArraySlice<UInt8>, startsInput: Bool) -> [(line: Int, result: String)] {
        batch.removeAll()
        bytes.withUnsafeBytes { batch.append($0) }
        batch.startsInput = startsInput
        return read()
    }

    mutating func read(records list: [ArraySlice<UInt8>]) -> [(line: Int, result: String)] {
        batch.removeAll()
        batch.startsInput = false
        for record in list { record.withUnsafeBytes { batch.append(record: $0) } }
        return read()
    }

    private mutating func read() -> [(line: Int, result: String)] {
        format.read(&batch, into: &records)
        return (0..<records.count).map { row in
            let status = records.places[row].status
            let text = String(decoding: records.text(of: row), as: UTF8.self)
            guard !status.isRejected else { return (Int(records.places[row].line), "\(status.name) \(text)") }
            let values = jsonFields.indices.map { column in
                let value = records.columns[column][row]
                return value.kind == .missing ? "missing" : describe(value)
            }
            return (Int(records.places[row].line), "\(status.name) \(values) \(text)")
        }
    }
}

/// Lines give the same rows in one batch and in several, from a new reader and from one that has read other lines, and
/// the values that a plain reader of JSON finds.
func checkJSON(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    let cuts = input.byte()
    let startsInput = input.byte() & 1 == 1
    let text = input.rest()[...]
    let maxLine = 4096

    var reader = LineReader(maxLine: maxLine)
    let whole = reader.read(lines: text, startsInput: startsInput)
    let again = reader.read(lines: text, startsInput: startsInput)
    expect(
        whole.elementsEqual(again, by: ==), "a reader that knows the lines reads \(again), a new one \(whole)")

    // The same in pieces that end with a line.
    var pieces: [(line: Int, result: String)] = []
    var cutReader = LineReader(maxLine: maxLine)
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var start = text.startIndex
    var firstLine = 0
    for (number, line) in lines.enumerated() where number == lines.count - 1 || (cuts >> (number & 7)) & 1 == 1 {
        let end = number == lines.count - 1 ? text.endIndex : line.endIndex + 1
        for row in cutReader.read(lines: text[start..<end], startsInput: startsInput && start == text.startIndex) {
            pieces.append((row.line + firstLine, row.result))
        }
        start = end
        firstLine = number + 1
    }
    expect(whole.elementsEqual(pieces, by: ==), "cut into pieces gives \(pieces), whole \(whole)")

    checkAgainstTree(lines, whole, startsInput: startsInput, maxLine: maxLine)
}

/// Whether a line that is not one object may hold objects: behind other text, one after the other, or before a comma.
private func mayHoldObjects(_ line: ArraySlice<UInt8>) -> Bool {
    let bytes = line.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
    guard bytes.first == UInt8(ascii: "{"), bytes.last != UInt8(ascii: ",") else { return true }
    return zip(bytes, bytes.dropFirst()).contains { first, second in
        first == UInt8(ascii: "}") && (second == UInt8(ascii: "{") || second == UInt8(ascii: ","))
    }
}

private func checkAgainstTree(
    _ lines: [ArraySlice<UInt8>], _ rows: [(line: Int, result: String)], startsInput: Bool, maxLine: Int
) {
    var found: [Int: String] = [:]
    for row in rows { found[row.line] = row.result }
    var records: [ArraySlice<UInt8>] = []
    var expected: [String] = []
    for (number, full) in lines.enumerated() {
        var line = full
        if number == 0, startsInput, line.starts(with: [0xef, 0xbb, 0xbf]) { line = line.dropFirst(3) }
        if number == lines.count - 1, full.isEmpty { continue }
        guard line.count <= maxLine else { continue }
        let tree = JSONTree.record(Array(line))
        let result = found[number]
        let isAccepted = result.map { $0.hasPrefix("accepted ") || $0.hasPrefix("control ") } ?? false
        let isRight = tree != nil ? isAccepted : !isAccepted || mayHoldObjects(line)
        expect(isRight, "line \(number) is \(result ?? "blank"), as a tree \(tree as Any)")
        guard let tree, let result else { continue }
        let values = "\(jsonFields.map { tree.find($0)?.description ?? "missing" })"
        expect(result.contains(values), "line \(number) is \(result), as a tree \(values)")
        records.append(line)
        expected.append(values)
    }
    // The same records, cut by the source.
    var reader = LineReader(maxLine: maxLine)
    let rest = reader.read(records: records).map(\.result)
    // A carriage return between tokens of such a record becomes a tab.
    func withTabs(_ text: String) -> String { text.replacing("\\r", with: "\\t") }
    expect(
        rest.count == expected.count && zip(rest, expected).allSatisfy { withTabs($0).contains(withTabs($1)) },
        "as records \(rest), as lines \(expected)")
}
