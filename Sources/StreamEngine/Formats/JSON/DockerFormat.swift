/// Lines of Docker's json-file log: JSON objects with the members `log`, `stream` and `time`.
///
/// The newline at the end of `log` does not belong to the text. The source joins parts of lines (`PartSplitter`).
struct DockerFormat: JSONRecordFormat, ~Copyable {
    private var objects: JSONFormat
    /// The columns of `log`.
    private let columns: [Int]

    init(fields: [FieldPath], maxLine: Int) {
        objects = JSONFormat(fields: fields, maxLine: maxLine)
        columns = fields.indices.filter { fields[$0].name == Array("log".utf8) }
    }

    mutating func read(_ batch: inout Batch, into records: inout Records) {
        objects.read(&batch, into: &records)
        for column in columns {
            let cells = records.columns[column]
            for row in 0..<records.count where cells[row].kind == .string {
                let text = cells[row].bytes
                guard text.last == UInt8(ascii: "\n") else { continue }
                cells[row] = Value(UnsafeRawBufferPointer(rebasing: text.dropLast()))
            }
        }
    }
}
