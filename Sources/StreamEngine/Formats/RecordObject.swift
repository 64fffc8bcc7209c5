/// Writes records of text formats as JSON objects. For messages and lists, not for the hot path: reads each record twice.
enum RecordObject {
    typealias MakeFormat<Format: RecordFormat & ~Copyable> = (_ fields: [FieldPath], _ maxLine: Int) -> Format

    /// The record as a JSON object with all its fields; nil if it has none.
    static func text<Format: RecordFormat & ~Copyable>(
        of record: UnsafeRawBufferPointer, _ maxLine: Int, _ make: MakeFormat<Format>
    ) -> [UInt8]? {
        var batch = Batch(capacity: record.count + 1)
        batch.append(record: record)
        var records = Records(columnCount: 1)
        var format = make([], maxLine)
        format.read(&batch, into: &records)
        let names = format.names
        records = Records(columnCount: names.count)
        format = make(names.map { FieldPath(name: $0) }, maxLine)
        format.read(&batch, into: &records)
        guard records.count == 1, records.isReadable(0) else { return nil }
        var text = ByteBuffer(capacity: 2 * record.count + 64)
        var separator = UInt8(ascii: "{")
        for (column, name) in names.enumerated() where records.columns[column][0].kind != .missing {
            text.append(separator)
            separator = UInt8(ascii: ",")
            name.withUnsafeBytes { text.append(quoted: $0) }
            text.append(UInt8(ascii: ":"))
            records.columns.append(records.columns[column][0], to: &text)
        }
        text.append(UInt8(ascii: "}"))
        return separator == UInt8(ascii: ",") ? text.withBytes { Array($0) } : nil
    }
}
