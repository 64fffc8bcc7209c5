/// What the values of a key column of a database are compared as, where rows are fetched by key.
///
/// The bytes of a key are those of a value from which the text for the server is written: a number, a boolean or a string.
package enum KeyForm: Sendable {
    /// Whole numbers within 64 bits.
    case integer
    case number
    case boolean
    /// Everything else, as its text.
    case text

    /// Appends the bytes of a value.
    ///
    /// - Parameters:
    ///   - columns: those that the value is of.
    ///   - scratch: for the text of numbers.
    /// - Returns: false for a value that equals nothing of such a column.
    func append(
        _ value: Value, of columns: borrowing ColumnSet, to bytes: inout ByteBuffer, _ scratch: inout ByteBuffer
    ) -> Bool {
        switch self {
        case .integer, .number:
            guard let number = value.kind == .string ? NumericValue.exact(value.bytes) : value, number.isNumber else {
                return false
            }
            let start = bytes.count
            KeyCoding.append(number, to: &bytes)
            guard self == .integer else { return true }
            let isWhole = bytes.withBytes { bytes in
                var offset = start
                return bytes.baseAddress.map { KeyCoding.read($0, at: &offset).kind == .integer } ?? false
            }
            if !isWhole { bytes.truncate(to: start) }
            return isWhole
        case .boolean:
            guard value.kind == .true || value.kind == .false else { return false }
            KeyCoding.append(value, to: &bytes)
        case .text:
            switch value.kind {
            case .string:
                // The server has no text with it.
                guard !value.bytes.contains(0) else { return false }
                KeyCoding.append(value, to: &bytes)
            case .integer, .double, .digits:
                scratch.removeAll()
                columns.append(value, to: &scratch)
                scratch.withBytes { KeyCoding.append(Value($0), to: &bytes) }
            case .time:
                scratch.removeAll()
                scratch.append(time: value.integer)
                scratch.withBytes { KeyCoding.append(Value($0), to: &bytes) }
            default: return false
            }
        }
        return true
    }
}
