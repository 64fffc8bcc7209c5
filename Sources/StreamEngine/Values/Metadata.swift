/// What a topic knows of a message besides its value; written like a field.
package enum Metadata: String, Sendable, CaseIterable {
    /// Text if it is valid UTF-8, otherwise `\x` and hexadecimal digits.
    case key = "@key"
    case topic = "@topic"
    case partition = "@partition"
    case offset = "@offset"
    /// When it was written.
    case time = "@kafka_time"

    package var columnName: String { String(rawValue.dropFirst()) }
}
