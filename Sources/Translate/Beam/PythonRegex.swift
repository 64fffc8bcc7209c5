import StreamEngine

/// Regular expressions in the dialect of Python's `re`, with the flag ASCII.
enum PythonRegex {
    /// The same expression; nil if a flag in the middle applies to alternatives behind it.
    static func text(_ regex: Regex) -> String? {
        var rest = Array(regex.text.unicodeScalars)[...]
        return choice(&rest, isTop: true)
    }

    /// Translates up to the end of a group, which is not read.
    private static func choice(_ rest: inout ArraySlice<Unicode.Scalar>, isTop: Bool) -> String? {
        var result = ""
        // Groups that are open to the end of this one: those of flags.
        var opened = 0
        while let scalar = rest.first, isTop || scalar != ")" {
            rest.removeFirst()
            switch scalar {
            case "\\":
                result.unicodeScalars.append(scalar)
                if let next = rest.popFirst() { result.unicodeScalars.append(next) }
            case "[": result += bracket(&rest)
            case "$": result += "\\Z"
            case "|":
                // A flag before it counts behind it, too, which a group would not do.
                guard opened == 0 else { return nil }
                result += "|"
            case "(":
                var start = "("
                if rest.first == "?" {
                    // Up to `:`, the `>` of a name, or the end of flags.
                    while let next = rest.first, next != ":", next != ">", next != ")" {
                        start.unicodeScalars.append(next)
                        rest.removeFirst()
                    }
                    let end = rest.popFirst()
                    if end == ")" {
                        opened += 1
                        result += start + ":"
                        continue
                    }
                    if start.hasPrefix("(?<") { start = "(?P<" + start.dropFirst(3) }
                    if let end { start.unicodeScalars.append(end) }
                }
                guard let inner = choice(&rest, isTop: false) else { return nil }
                if !rest.isEmpty { rest.removeFirst() }
                result += start + inner + ")"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + String(repeating: ")", count: opened)
    }

    /// Translates a class behind its `[`. Inside, `[` and doubled signs would have another meaning, or a warning.
    private static func bracket(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
        var result = "["
        if rest.first == "^" {
            rest.removeFirst()
            result += "^"
        }
        var isFirst = true
        while let scalar = rest.popFirst() {
            defer { isFirst = false }
            switch scalar {
            case "\\":
                result.unicodeScalars.append(scalar)
                if let next = rest.popFirst() { result.unicodeScalars.append(next) }
            case "]" where !isFirst: return result + "]"
            case "[":
                if rest.first == ":", let name = posix(&rest) { result += name } else { result += "\\[" }
            case "]", "&", "~", "|", "^":
                result += "\\"
                result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// `[:alpha:]` as ranges; the `[` has been read.
    private static func posix(_ rest: inout ArraySlice<Unicode.Scalar>) -> String? {
        let name = rest.dropFirst().prefix { $0 != ":" && $0 != "]" }
        guard rest.dropFirst(1 + name.count).starts(with: [":", "]"]),
            let ranges = classes[String(String.UnicodeScalarView(name))]
        else { return nil }
        rest = rest.dropFirst(name.count + 3)
        return ranges
    }

    private static let classes = [
        "alpha": "A-Za-z", "digit": "0-9", "alnum": "A-Za-z0-9", "upper": "A-Z", "lower": "a-z", "space": "\\s",
        "punct": "!-/:-@\\[-`{-\\~", "xdigit": "0-9A-Fa-f", "word": "\\w",
    ]
}
