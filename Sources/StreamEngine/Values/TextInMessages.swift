// What the standard library has in _StringProcessing, which brings its regular expressions along: 1.3 MB of the binary,
// and a quarter of the conformances that the runtime searches at every start. It is not imported (Package.swift).

extension StringProtocol {
    /// Whether the bytes of `text` occur in this text. Time is proportional to the product of the lengths: for words
    /// of options and messages.
    package func contains(_ text: String) -> Bool {
        let (whole, part) = (Array(utf8), Array(text.utf8))
        return part.isEmpty || whole.indices.contains { whole[$0...].starts(with: part) }
    }

    /// The text before and after the first occurrence of the bytes of `separator`; nil if there is none.
    package func parts(around separator: String) -> (before: String, after: String)? {
        let (whole, part) = (Array(utf8), Array(separator.utf8))
        guard !part.isEmpty, let start = whole.indices.first(where: { whole[$0...].starts(with: part) }) else {
            return nil
        }
        return (
            String(decoding: whole[..<start], as: UTF8.self),
            String(decoding: whole[(start + part.count)...], as: UTF8.self)
        )
    }

    /// This text with each occurrence of the bytes of `old` replaced by `new`, from left to right.
    package func replacing(_ old: String, with new: String) -> String {
        let (whole, part) = (Array(utf8), Array(old.utf8))
        guard !part.isEmpty else { return String(self) }
        var result: [UInt8] = []
        var i = 0
        while i < whole.count {
            if whole[i...].starts(with: part) {
                result += new.utf8
                i += part.count
            } else {
                result.append(whole[i])
                i += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
