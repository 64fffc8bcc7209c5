/// Characters that would act on a terminal, or that are invisible there, and how they are written instead.
///
/// An escape sequence, a bidirectional control or a zero-width character in the data can make a terminal show something
/// that the data does not say. Files and pipes get the bytes unchanged.
package enum TerminalText {
    /// How such a character is written.
    package enum Form: Sendable {
        /// In JSON: `\u001b`, which any reader of JSON reads as the same value.
        case json
        /// In any other text: `\x1b` up to U+009F and for bytes that are not UTF-8, `\u202e` beyond.
        case visible
    }

    /// C0 controls, DEL and C1 controls.
    package static func isControl(_ scalar: UInt32) -> Bool { scalar < 0x20 || (0x7f...0x9f).contains(scalar) }

    /// Characters without a glyph: soft hyphen, directional marks and overrides, zero-width characters, line and
    /// paragraph separators, interlinear annotations, tags and variation selectors beyond the BMP.
    package static func isInvisible(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0xad, 0x61c, 0x180e, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff9...0xfffb,
            0xe0000...0xe0fff:
            true
        default: false
        }
    }

    /// Appends the text of a scalar, `\x1b` or `\u200b`.
    package static func escaped(_ scalar: UInt32) -> String {
        let digits = String(scalar, radix: 16)
        let width = scalar < 0x100 && scalar != 0xad ? 2 : 4
        return (width == 2 ? "\\x" : "\\u") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// One scalar of a text, or a byte that is not UTF-8.
    fileprivate struct Scalar {
        var value: UInt32
        var length: Int
        var isByte = false

        /// - Parameter i: an index of the text.
        init(_ text: UnsafeRawBufferPointer, _ i: Int) {
            let first = text[i]
            let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
            value = UInt32(first)
            self.length = 1
            guard length > 1 else { return }
            guard let base = text.baseAddress, length <= text.count - i,
                JSONString.sequenceLength(base, at: i) == length
            else {
                isByte = true
                return
            }
            self.length = length
            value &= 0x7f >> UInt32(length)
            for offset in 1..<length { value = value << 6 | UInt32(text[i + offset] & 0x3f) }
        }
    }
}

extension ByteBuffer {
    /// Appends text for a message or the cell of a table, on one line: control characters and bytes that are not UTF-8
    /// become `\x1b`.
    ///
    /// - Parameter invisible: whether characters without a glyph become `\u200b`.
    package mutating func append(printable text: UnsafeRawBufferPointer, invisible: Bool = true) {
        append(text, escaping: { TerminalText.isControl($0) || (invisible && TerminalText.isInvisible($0)) }, .visible)
    }

    /// Appends whole lines for a terminal. Line ends and tabs stay.
    package mutating func append(terminal text: UnsafeRawBufferPointer, _ form: TerminalText.Form) {
        append(
            text,
            escaping: { scalar in
                scalar != 0x0a && scalar != 0x09 && (TerminalText.isControl(scalar) || TerminalText.isInvisible(scalar))
            }, form)
    }

    private mutating func append(
        _ text: UnsafeRawBufferPointer, escaping isEscaped: (UInt32) -> Bool, _ form: TerminalText.Form
    ) {
        var i = 0
        while i < text.count {
            let scalar = TerminalText.Scalar(text, i)
            if !scalar.isByte, !isEscaped(scalar.value) {
                append(UnsafeRawBufferPointer(rebasing: text[i..<i + scalar.length]))
            } else {
                switch form {
                case .visible: append(TerminalText.escaped(scalar.value))
                // Between tokens, the only control characters of JSON are white space.
                case .json where scalar.value == 0x0d: append(UInt8(ascii: " "))
                case .json: appendJSONEscape(scalar.value)
                }
            }
            i += scalar.length
        }
    }

    private mutating func appendJSONEscape(_ scalar: UInt32) {
        guard scalar > 0xffff else { return append(unit: scalar) }
        append(unit: 0xd800 + ((scalar - 0x10000) >> 10))
        append(unit: 0xdc00 + ((scalar - 0x10000) & 0x3ff))
    }

    private mutating func append(unit: UInt32) {
        let digits = String(unit, radix: 16)
        append("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
    }
}
