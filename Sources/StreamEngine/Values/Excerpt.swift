/// Cuts text of the input for messages.
package enum Excerpt {
    /// The first characters, on one line; `…` if there are more.
    ///
    /// - Parameter limit: the number of characters (Unicode scalars).
    package static func text(_ bytes: UnsafeRawBufferPointer, limit: Int = 40) -> String {
        // Four bytes a scalar are enough.
        let head = String(decoding: bytes.prefix(4 * limit + 4), as: UTF8.self).unicodeScalars
        var result = String(String.UnicodeScalarView(head.prefix(limit)))
        if head.count > limit || bytes.count > 4 * limit + 4 { result += "…" }
        return result
    }

    package static func text(_ bytes: [UInt8], limit: Int = 40) -> String {
        bytes.withUnsafeBytes { text($0, limit: limit) }
    }

    /// A value as messages show it: text in single quotes, anything else as JSON.
    static func value(_ value: Value) -> String {
        switch value.kind {
        case .missing, .null: "null"
        case .false: "false"
        case .true: "true"
        case .string: "'\(text(value.bytes))'"
        case .json, .digits: text(value.bytes)
        case .integer: "\(value.integer)"
        case .double: "\(value.double)"
        case .time: "a time"
        }
    }
}
