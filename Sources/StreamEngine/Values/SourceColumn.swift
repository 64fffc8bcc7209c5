/// A column that the source supplies in addition to the bytes of a record. Written like a field.
package enum SourceColumn: String, Sendable, CaseIterable {
    /// Text if it is valid UTF-8, otherwise `\x` and hexadecimal digits.
    case key = "@key"
    /// The bytes of the message key as hexadecimal digits.
    case keyHex = "@key_hex"
    /// A JSON object with the headers of the message, whose values are texts as in `key`.
    case headers = "@headers"
    case topic = "@topic"
    case partition = "@partition"
    case offset = "@offset"
    /// When the record was stored, a time.
    case time = "@kafka_time"
    /// The whole record as it came, as text.
    case line = "@line"
    /// The name of the input in messages.
    case file = "@file"
    /// The number of the record's first line in its input, from 1.
    case lineNumber = "@line_number"

    /// The column name unless it is renamed.
    package var columnName: String { String(rawValue.dropFirst()) }
}
