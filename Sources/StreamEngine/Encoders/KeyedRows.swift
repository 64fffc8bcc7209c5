/// Takes rows of JSON apart and finds the key that a topic gets for each.
package struct KeyedRows: ~Copyable {
    private var scanner: JSONFormat
    private var records: Records
    private var batch = Batch()
    private var key = ByteBuffer()
    private let keyCount: Int

    /// - Parameter fields: those of the rows that are the key; none for rows without one.
    package init(key fields: [FieldPath]) {
        keyCount = fields.count
        // The last column is the one of control lines.
        let fields = fields + [FieldPath(name: Array("$watermark".utf8))]
        scanner = JSONFormat(fields: fields, maxLine: Int(Int32.max))
        records = Records(columnCount: fields.count)
    }

    /// Lends each row, without its newline, and its key: the text of a string, the JSON text of another value, an array
    /// of several values; nil when there is none or all is null.
    package mutating func forEach<Failure: Error>(
        _ rows: UnsafeRawBufferPointer,
        _ body: (_ row: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer?) throws(Failure) -> Void
    ) throws(Failure) {
        batch.removeAll()
        batch.append(rows)
        scanner.read(&batch, into: &records)
        for row in 0..<records.count {
            let place = records.places[row]
            let bytes = UnsafeRawBufferPointer(
                start: batch.bytes.baseAddress.map { $0 + Int(place.start) }, count: Int(place.length))
            key.removeAll()
            try body(bytes, writeKey(row) ? key.bytes : nil)
        }
    }

    private mutating func writeKey(_ row: Int) -> Bool {
        guard keyCount != 1 else {
            let value = records.columns[0][row]
            if value.isNull { return false }
            if value.kind == .string { key.append(value.bytes) } else { key.append(json: value) }
            return true
        }
        guard (0..<keyCount).contains(where: { !records.columns[$0][row].isNull }) else { return false }
        for column in 0..<keyCount {
            key.append(column == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
            key.append(json: records.columns[column][row])
        }
        key.append(UInt8(ascii: "]"))
        return true
    }
}
