/// The message key of a row: the text of a string, the JSON text of any other value, or an array of several values.
struct RowKey {
    /// The key columns.
    let columns: [Int]

    /// Appends the key of a row.
    ///
    /// - Returns: false if it has no key: there are no columns, or all of them are null.
    func append(_ row: Int, of values: borrowing ColumnSet, to buffer: inout ByteBuffer) -> Bool {
        guard columns.count != 1 else { return buffer.append(plain: values[columns[0]][row]) }
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

/// The headers of a row as a message, which follow its key. The text of a value is as in a key; a null gives none.
struct RowHeaders {
    /// The columns of their values.
    let columns: [Int]

    /// Appends the values of a row: each as its length in bytes plus one, 4 bytes, and its text.
    func append(_ row: Int, of values: borrowing ColumnSet, to buffer: inout ByteBuffer) {
        for column in columns {
            let start = buffer.count
            buffer.append(length: 0)
            guard buffer.append(plain: values[column][row]) else { continue }
            buffer.replace(length: UInt32(clamping: buffer.count &- start &- 3), at: start)
        }
    }
}

extension EncodedRow {
    /// Calls `body` with the number and the value of each header of the row.
    ///
    /// - Parameters:
    ///   - count: how many headers rows have, with those that are null.
    ///   - bytes: the bytes of all rows.
    package func eachHeader(
        _ count: Int, in bytes: UnsafeRawBufferPointer, _ body: (Int, UnsafeRawBufferPointer) -> Void
    ) {
        var position = key?.upperBound ?? lineWithEnd.upperBound
        for number in 0..<count {
            guard position + 4 <= bytes.count else { return }
            let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            position += 4
            guard length > 0, position + length - 1 <= bytes.count else { continue }
            body(number, UnsafeRawBufferPointer(rebasing: bytes[position..<position + length - 1]))
            position += length - 1
        }
    }
}

extension ByteBuffer {
    /// Appends the text of a string, or the JSON of any other value.
    ///
    /// - Returns: false for a null.
    fileprivate mutating func append(plain value: Value) -> Bool {
        switch value.kind {
        case .missing, .null: return false
        case .string: append(value.bytes)
        case .time: append(time: value.integer)
        default: append(json: value)
        }
        return true
    }

    fileprivate mutating func append(length: UInt32) {
        withUnsafeBytes(of: length.littleEndian) { append($0) }
    }
}
