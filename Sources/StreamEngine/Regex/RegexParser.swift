/// Parses a regular expression.
struct RegexParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var ignoresCase = false
    /// Whether `.` is also a newline.
    private var dotIsAny = false
    private var depth = 0
    private(set) var groups = 0
    /// The name of each group; nil if it has none.
    private(set) var names: [String?] = []

    private static let depthLimit = 100
    private static let repeatLimit = 1000

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func whole() throws(RegexError) -> RegexNode {
        let node = try choice()
        guard position == scalars.count else { throw error("')' without '('") }
        return node
    }

    private func error(_ reason: String, at place: Int? = nil) -> RegexError {
        let offset = scalars.prefix(place ?? position).reduce(0) { $0 + UTF8.width($1) }
        return RegexError(reason: reason, offset: offset)
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        position += 1
        return true
    }

    private mutating func choice() throws(RegexError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw error("groups are nested too deeply") }
        // `(?i)` and `(?s)` apply to the end of their group.
        let outer = (ignoresCase, dotIsAny)
        defer { (ignoresCase, dotIsAny) = outer }
        var nodes = [try sequence()]
        while take("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .choice(nodes)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var nodes: [RegexNode] = []
        while let next = peek(), next != "|", next != ")" {
            if let node = try atom() { nodes.append(try quantified(node)) }
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    /// Parses a character, class, group or anchor; nil for a flag.
    private mutating func atom() throws(RegexError) -> RegexNode? {
        let start = position
        guard let scalar = peek() else { return nil }
        position += 1
        switch scalar {
        case ".": return .set(dotIsAny ? ScalarSet.any : ScalarSet.anyButNewline)
        case "^": return .begin
        case "$": return .end
        case "(": return try group()
        case "[": return .set(try bracket(start))
        case "\\":
            if let ranges = try escape(start) { return .set(cased(ranges)) }
            return nil
        case "*", "+", "?": throw error("nothing to repeat before '\(scalar)'", at: start)
        case "{" where quantifierAhead: throw error("nothing to repeat before '{'", at: start)
        default: return .set(cased([scalar.value...scalar.value]))
        }
    }

    private func cased(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        ignoresCase ? ScalarSet.ignoringCase(ranges) : ranges
    }

    private mutating func group() throws(RegexError) -> RegexNode? {
        let start = position - 1
        var index: Int?
        let outer = (ignoresCase, dotIsAny)
        if take("?") {
            if let next = peek(), next == "i" || next == "s" {
                while let flag = peek(), flag == "i" || flag == "s" {
                    position += 1
                    if flag == "i" { ignoresCase = true } else { dotIsAny = true }
                }
                if take(")") { return nil }
                guard take(":") else { throw error("unknown flag; the flags are 'i' and 's'") }
            } else if take("P") || peek() == "<" {
                if peek() == "=" { throw error("back references are not supported", at: start) }
                guard take("<"), let first = peek(), first != "=", first != "!" else {
                    throw error("look-around is not supported", at: start)
                }
                names.append(try groupName(start))
                groups += 1
                index = groups
            } else if peek() == "=" || peek() == "!" {
                throw error("look-around is not supported", at: start)
            } else {
                guard take(":") else { throw error("unknown kind of group", at: start) }
            }
        } else {
            groups += 1
            names.append(nil)
            index = groups
        }
        let node = try choice()
        (ignoresCase, dotIsAny) = outer
        guard take(")") else { throw error("the closing ')' is missing", at: start) }
        return index.map { .group(node, index: $0) } ?? node
    }

    /// Reads the name of a group and the `>` behind it.
    private mutating func groupName(_ start: Int) throws(RegexError) -> String {
        let first = position
        while let next = peek(), next != ">" { position += 1 }
        let name = String(String.UnicodeScalarView(scalars[first..<position]))
        guard take(">") else { throw error("the closing '>' of the group name is missing", at: start) }
        let isName = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
        }
        guard isName, let head = name.utf8.first, head &- UInt8(ascii: "0") >= 10 else {
            throw error("a group name consists of letters, digits and '_' and starts with no digit", at: first)
        }
        return name
    }

    // MARK: Repetition

    /// Whether the `{` just before the position starts `{m}`, `{m,}` or `{m,n}`.
    private var quantifierAhead: Bool { peek().map { $0.value >= 0x30 && $0.value <= 0x39 } ?? false }

    private mutating func quantified(_ node: RegexNode) throws(RegexError) -> RegexNode {
        let start = position
        let bounds: (min: Int, max: Int?)
        switch peek() {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{":
            position += 1
            guard quantifierAhead else {
                // Not a count but a literal brace, as in other dialects.
                position = start
                return node
            }
            bounds = try counts(start)
            position -= 1
        default: return node
        }
        position += 1
        let lazy = take("?")
        if let next = peek(), next == "*" || next == "+" || next == "?" { throw error("two quantifiers in a row") }
        return .repetition(node, min: bounds.min, max: bounds.max, lazy: lazy)
    }

    /// Parses the counts after `{`; the position is then after `}`.
    private mutating func counts(_ start: Int) throws(RegexError) -> (min: Int, max: Int?) {
        let low = number() ?? 0
        var high: Int? = low
        if take(",") { high = number() }
        guard take("}") else { throw error("invalid count; write {m}, {m,} or {m,n}", at: start) }
        guard low <= Self.repeatLimit, (high ?? 0) <= Self.repeatLimit else {
            throw error("a count must be at most \(Self.repeatLimit)", at: start)
        }
        if let high, high < low { throw error("the minimum count is larger than the maximum", at: start) }
        return (low, high)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let digit = peek()?.value, digit >= 0x30, digit <= 0x39 {
            value = min((value ?? 0) * 10 + Int(digit - 0x30), 1_000_000)
            position += 1
        }
        return value
    }

    // MARK: Classes and escapes

    private mutating func bracket(_ start: Int) throws(RegexError) -> [ClosedRange<UInt32>] {
        let negated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var first = true
        while let scalar = peek(), first || scalar != "]" {
            first = false
            if scalar == "[", peek(1) == ":" {
                ranges += try namedClass()
                continue
            }
            let place = position
            let low = try member(start)
            guard peek() == "-", let after = peek(1), after != "]" else {
                ranges += low
                continue
            }
            position += 1
            let high = try member(start)
            guard low.count == 1, high.count == 1, low[0].lowerBound == low[0].upperBound,
                high[0].lowerBound == high[0].upperBound, low[0].lowerBound <= high[0].lowerBound
            else { throw error("invalid character range", at: place) }
            ranges.append(low[0].lowerBound...high[0].lowerBound)
        }
        guard take("]") else { throw error("the closing ']' is missing", at: start) }
        ranges = ScalarSet.normal(ranges)
        if ignoresCase { ranges = ScalarSet.ignoringCase(ranges) }
        return negated ? ScalarSet.complement(ranges) : ranges
    }

    private mutating func namedClass() throws(RegexError) -> [ClosedRange<UInt32>] {
        let start = position
        position += 2
        var name = String.UnicodeScalarView()
        while let scalar = peek(), scalar != ":", scalar != "]" {
            name.append(scalar)
            position += 1
        }
        guard take(":"), take("]"), let ranges = ScalarSet.named(String(name)) else {
            throw error("unknown class '[:\(String(name)):]'", at: start)
        }
        return ranges
    }

    private mutating func member(_ start: Int) throws(RegexError) -> [ClosedRange<UInt32>] {
        guard let scalar = peek() else { throw error("the closing ']' is missing", at: start) }
        position += 1
        if scalar == "\\" { return try escape(position - 1) ?? [] }
        return [scalar.value...scalar.value]
    }

    /// Parses what follows a backslash.
    private mutating func escape(_ start: Int) throws(RegexError) -> [ClosedRange<UInt32>]? {
        guard let scalar = peek() else { throw error("trailing backslash", at: start) }
        position += 1
        func single(_ value: UInt32) -> [ClosedRange<UInt32>] { [value...value] }
        switch scalar {
        case "d": return ScalarSet.digits
        case "w": return ScalarSet.words
        case "s": return ScalarSet.spaces
        case "D": return ScalarSet.complement(ScalarSet.digits)
        case "W": return ScalarSet.complement(ScalarSet.words)
        case "S": return ScalarSet.complement(ScalarSet.spaces)
        case "n": return single(10)
        case "t": return single(9)
        case "r": return single(13)
        case "f": return single(12)
        case "v": return single(11)
        case "x": return single(try hexadecimal(2, start))
        case "u": return single(try hexadecimal(4, start))
        case "b", "B": throw error("'\\\(scalar)' is not supported", at: start)
        case "1"..."9": throw error("back references are not supported", at: start)
        case "a"..."z", "A"..."Z", "0": throw error("unknown escape '\\\(scalar)'", at: start)
        default: return single(scalar.value)
        }
    }

    private mutating func hexadecimal(_ digits: Int, _ start: Int) throws(RegexError) -> UInt32 {
        var text = String.UnicodeScalarView()
        for _ in 0..<digits {
            guard let scalar = peek(), scalar.properties.isASCIIHexDigit else { break }
            text.append(scalar)
            position += 1
        }
        guard text.count == digits, let value = UInt32(String(text), radix: 16), Unicode.Scalar(value) != nil else {
            throw error("expected \(digits) hexadecimal digits", at: start)
        }
        return value
    }
}
