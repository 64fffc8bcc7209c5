import StreamEngine

/// Regular expressions in the dialect of Java, for Flink and Spark.
enum JavaRegex {
    /// The same expression. `(?d)` makes only a line feed end a line, `\z` is the end of the text, and in classes `[` and `&`
    /// lose the meaning that Java gives them.
    static func text(_ regex: Regex) -> String {
        var result = "(?d)"
        var rest = Array(regex.text.unicodeScalars)[...]
        var isClass = false
        var isFirst = false
        while let scalar = rest.popFirst() {
            let wasFirst = isFirst
            isFirst = false
            switch scalar {
            case "\\":
                result.unicodeScalars.append(scalar)
                if let next = rest.popFirst() { result.unicodeScalars.append(next) }
            case "[" where !isClass:
                isClass = true
                isFirst = true
                result += "["
                if rest.first == "^" {
                    rest.removeFirst()
                    result += "^"
                }
            case "[" where isClass:
                if rest.first == ":", let name = posix(&rest) { result += name } else { result += "\\[" }
            // At the start of a class it is a character.
            case "]" where isClass && wasFirst: result += "\\]"
            case "]" where isClass:
                isClass = false
                result += "]"
            case "&" where isClass: result += "\\&"
            case "$" where !isClass: result += "\\z"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The replacement text of Java.
    static func replacement(_ replacement: RegexReplacement) -> String {
        var result = ""
        var isAfterGroup = false
        for part in replacement.parts {
            switch part {
            case .group(let number):
                result += "$\(number)"
                isAfterGroup = true
            case .text(let bytes):
                for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
                    // A digit would belong to the number of the group.
                    if scalar == "\\" || scalar == "$" || isAfterGroup && ("0"..."9").contains(scalar) {
                        result += "\\"
                    }
                    result.unicodeScalars.append(scalar)
                    isAfterGroup = false
                }
            }
        }
        return result
    }

    /// `[:alpha:]` as `\p{Alpha}`; the `[` has been read.
    private static func posix(_ rest: inout ArraySlice<Unicode.Scalar>) -> String? {
        let name = rest.dropFirst().prefix { $0 != ":" && $0 != "]" }
        guard rest.dropFirst(1 + name.count).starts(with: [":", "]"]) else { return nil }
        rest = rest.dropFirst(name.count + 3)
        let word = String(String.UnicodeScalarView(name))
        switch word {
        case "word": return "\\w"
        case "xdigit": return "\\p{XDigit}"
        default: return "\\p{\(word.prefix(1).uppercased())\(word.dropFirst())}"
        }
    }
}
