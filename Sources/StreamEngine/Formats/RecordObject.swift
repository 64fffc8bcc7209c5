/// Writes records of text formats as JSON objects. For messages and lists, not for the hot path: reads each record twice.
enum RecordObject {
    typealias MakeFormat<Format: RecordFormat & ~Copyable> = (_ fields: [FieldPath], _ maxLine: Int) -> Format

    /// The records as JSON objects with all their fields; nil for a record without fields.
    static func texts<Format: RecordFormat & ~Copyable>(
        of texts: [UnsafeRawBufferPointer], _ make: MakeFormat<Format>
    ) -> [[UInt8]?] {
        let longest = texts.reduce(0) { max($0, $1.count) }
        var batch = Batch(capacity: texts.reduce(0) { $0 + $1.count + 1 })
        for text in texts { batch.append(record: text) }
        var records = Records(columnCount: 1)
        var format = make([], longest)
        format.read(&batch, into: &records)
        let names = format.names
        records = Records(columnCount: names.count)
        format = make(names.map { FieldPath(name: $0) }, longest)
        format.read(&batch, into: &records)
        // A text may have line breaks, or be no record at all.
        var row = 0
        var objects: [[UInt8]?] = []
        for end in batch.recordEnds {
            var object: [UInt8]?
            while row < records.count, Int(records.places[row].start) <= end {
                if records.isReadable(row) { object = Self.object(row, names, &records) }
                row += 1
            }
            objects.append(object)
        }
        return objects
    }

    private static func object(_ row: Int, _ names: [[UInt8]], _ records: inout Records) -> [UInt8]? {
        var text = ByteBuffer(capacity: 256)
        var separator = UInt8(ascii: "{")
        for (column, name) in names.enumerated() where records.columns[column][row].kind != .missing {
            text.append(separator)
            separator = UInt8(ascii: ",")
            name.withUnsafeBytes { text.append(quoted: $0) }
            text.append(UInt8(ascii: ":"))
            records.columns.append(records.columns[column][row], to: &text)
        }
        text.append(UInt8(ascii: "}"))
        return separator == UInt8(ascii: ",") ? text.withBytes { Array($0) } : nil
    }
}
