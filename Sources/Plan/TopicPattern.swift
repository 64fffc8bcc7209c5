import StreamEngine

/// Topics named by a regular expression, and the characters that URLs escape.
package enum TopicPattern {
    package static func isPattern(_ topic: String) -> Bool { topic.hasPrefix("^") }

    /// What is wrong with a regular expression; nil if nothing is.
    static func problem(_ topic: String) -> String? {
        do throws(RegexError) {
            _ = try Regex(topic)
            return nil
        } catch {
            return
                "'\(topic)' is not a regular expression: \(error.reason); in a URL, write ? as %3F, comma as %2C and % as "
                + "%25"
        }
    }

    /// The topics that a regular expression names. Internal ones only if it begins like them.
    package static func topics(_ pattern: String, among names: [String]) -> [String] {
        guard let regex = try? Regex(pattern) else { return [] }
        let found = regex.matching(in: names)
        return pattern.hasPrefix("^__") ? found : found.filter { !$0.hasPrefix("__") }
    }

    /// - Returns: nil if a `%` is not followed by two hexadecimal digits, or the bytes are not UTF-8.
    static func unescaped(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-"),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The topic as a URL names it.
    static func escaped(_ topic: String) -> String {
        let special = ["%": "%25", "?": "%3F", ",": "%2C", "/": "%2F", "#": "%23", "&": "%26", " ": "%20"]
        return topic.map { special[String($0)] ?? String($0) }.joined()
    }
}
