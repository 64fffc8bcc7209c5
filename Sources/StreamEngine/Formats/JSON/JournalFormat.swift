/// Lines of `journalctl -o json`: JSON objects, in which a value that is not UTF-8 is an array of the numbers of its bytes.
struct JournalFormat: JSONRecordFormat, ~Copyable {
    private var objects: JSONFormat
    private let columnCount: Int

    init(fields: [FieldPath], maxLine: Int) {
        objects = JSONFormat(fields: fields, maxLine: maxLine)
        columnCount = fields.count
    }

    mutating func read(_ batch: inout Batch, into records: inout Records) {
        objects.read(&batch, into: &records)
        for column in 0..<columnCount {
            for row in 0..<records.count where records.columns[column][row].kind == .json {
                guard let bytes = Self.bytes(records.columns[column][row].bytes) else { continue }
                // Replaces what is not UTF-8.
                var text = String(decoding: bytes, as: UTF8.self)
                let copy = text.withUTF8 { records.arena.copy(UnsafeRawBufferPointer($0)) }
                records.columns[column][row] = Value(copy)
            }
        }
    }

    /// The bytes in an array of numbers; nil for anything else, such as the values of a repeated field.
    private static func bytes(_ json: UnsafeRawBufferPointer) -> [UInt8]? {
        guard json.first == UInt8(ascii: "["), json.last == UInt8(ascii: "]"), json.count > 2 else { return nil }
        var bytes: [UInt8] = []
        var number: Int?
        for character in json.dropFirst() {
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = (number ?? 0) * 10 + Int(character - UInt8(ascii: "0"))
                guard number ?? 0 <= 255 else { return nil }
            case UInt8(ascii: ","), UInt8(ascii: "]"):
                guard let value = number else { return nil }
                bytes.append(UInt8(value))
                number = nil
            case UInt8(ascii: " "): continue
            default: return nil
            }
        }
        return bytes
    }
}
