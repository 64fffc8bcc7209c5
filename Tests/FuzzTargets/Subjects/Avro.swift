@testable import StreamEngine

private let schemas = [
    #"{"type":"record","name":"n.R","fields":[{"name":"a","type":["null","string"]},{"name":"r","type":["null","R"]}]}"#,
    #"{"type":"array","items":{"type":"map","values":["null","double","float","boolean","bytes"]}}"#,
    #"{"type":"record","name":"T","fields":[{"name":"t","type":{"type":"long","logicalType":"timestamp-nanos"}},"#
        + #"{"name":"l","type":{"type":"long","logicalType":"local-timestamp-millis"}},{"name":"d","type":{"type":"int","#
        + #""logicalType":"date"}},{"name":"c","type":{"type":"long","logicalType":"time-micros"}},{"name":"x","type":"#
        + #"{"type":"bytes","logicalType":"decimal","precision":30,"scale":7}}]}"#,
    #"{"type":"record","name":"E","fields":[{"name":"e","type":{"type":"enum","name":"S","symbols":["A","B"]}},"#
        + #"{"name":"f","type":{"type":"fixed","name":"F","size":12,"logicalType":"duration"}}]}"#,
]

/// Any bytes with any schema give JSON text within the limit, or a defect with its place.
func checkAvro(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    var text = input.pick(schemas)
    switch input.below(3) {
    case 0: text = input.text()
    case 1:
        // A piece of a schema in another one.
        let place = text.utf8.index(text.startIndex, offsetBy: input.below(text.utf8.count))
        text = String(text[..<place]) + input.text() + String(text[place...].dropFirst(input.below(20)))
    default: break
    }
    guard let schema = try? AvroSchema(text) else { return }
    let isKey = input.below(2) == 1
    let message = input.rest()
    let limit = 10_000
    var reader = AvroReader()
    if let defect = message.withUnsafeBytes({ reader.read($0, schema, limit: limit, isKey: isKey) }) {
        expect((0...message.count).contains(defect.offset), "\(text) of \(message): a defect at \(defect.offset)")
        return
    }
    reader.withText { bytes in
        expect(bytes.count <= limit, "\(text) of \(message): \(bytes.count) bytes")
        // Texts that are not UTF-8 are rejected by the format of the records.
        guard !isKey, let written = String(validating: bytes, as: UTF8.self) else { return }
        var arena = ByteArena()
        expect(JSONTextCheck().valid(bytes, &arena) != nil, "\(text) of \(message): \(written)")
    }
}
