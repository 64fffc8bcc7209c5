/// The message key of a row: the text of a string, the JSON text of any other value, or an array of several values.
struct RowKey {
    /// The key columns.
    let columns: [Int]

    /// Appends the key of a row.
    ///
    /// - Returns: false if it has no key: there are no columns, or all of them are null.
    func append(_ row: Int, of values: borrowing ColumnSet, to buffer: inout ByteBuffer) -> Bool {
        guard columns.count != 1 else {
            let value = values[columns[0]][row]
            switch value.kind {
            case .missing, .null: return false
            case .string: buffer.append(value.bytes)
            case .time: buffer.append(time: value.integer)
            default: buffer.append(json: value)
            }
            return true
        }
        var hasValue = false
        for column in columns where !values[column][row].isNull { hasValue = true }
        guard hasValue else { return false }
        for (number, column) in columns.enumerated() {
            buffer.append(number == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
            buffer.append(json: values[column][row])
        }
        buffer.append(UInt8(ascii: "]"))
        return true
    }
}
