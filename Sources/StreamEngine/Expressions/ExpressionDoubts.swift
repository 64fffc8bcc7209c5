extension Expression {
    /// What is valid but surely not what was meant, as an error at its place.
    ///
    /// - Parameter isCondition: whether records or rows are kept if it is true.
    package func doubt(isCondition: Bool = false) -> ExpressionError? {
        if let doubt = syntax.doubt { return error(doubt) }
        guard isCondition else { return nil }
        let kind: String
        switch syntax.isSum ? .number : content({ _ in .unknown }) {
        case .integer, .double, .number: kind = "a number"
        case .text: kind = "text"
        case .time: kind = "a time"
        default: return nil
        }
        return error((syntax, "a condition is true or false, but this is \(kind); compare it with something"))
    }

    private func error(_ doubt: Syntax.Doubt) -> ExpressionError {
        var offset: Int?
        doubt.part.eachField { _, place in offset = min(offset ?? place, place) }
        return ExpressionError(reason: doubt.reason, offset: offset ?? start, text: source)
    }

    /// The byte offset of the expression in its source.
    private var start: Int {
        let (bytes, part) = (Array(source.utf8), Array(text.utf8))
        guard bytes.count > part.count else { return 0 }
        return (0...(bytes.count - part.count)).first { bytes[$0...].starts(with: part) } ?? 0
    }
}

extension Syntax {
    typealias Doubt = (part: Syntax, reason: String)

    fileprivate var doubt: Doubt? {
        guard case .apply(let operation, let arguments) = self else { return nil }
        for argument in arguments { if let doubt = argument.doubt { return doubt } }
        switch operation {
        case .not:
            guard let literal = arguments.first, literal.isOtherThanTruth else { return nil }
            return (literal, "'!' negates conditions, and \(literal.name) is not one; for not equal, write !=")
        case .compare(let comparison):
            guard let negated = arguments[0].negated, arguments[1].isOtherThanTruth else {
                return Self.constants(arguments) ?? Self.order(comparison, arguments) ?? Self.kinds(arguments)
            }
            return (negated, "'!' negates only the value after it; write 'not' in front of the comparison")
        case .or: return Self.join("or", arguments)
        case .and: return Self.join("and", arguments)
        case .add:
            guard arguments.contains(where: { $0.isWord }) else { return nil }
            return (self, "'+' adds numbers; to join text, write concat(a, b)")
        default: return nil
        }
    }

    /// The doubt about comparisons that are never true, since the kinds of the values differ: `hour(ts) = '08'`,
    /// `contains(url, 'x') = 1` and `type(x) = 'int'`.
    private static func kinds(_ sides: [Syntax]) -> Doubt? {
        for (number, side) in sides.enumerated() {
            guard case .literal(let literal) = side, case .apply(let operation, let arguments) = sides[1 - number]
            else { continue }
            let other = sides[1 - number]
            switch (other.content({ _ in .unknown }), literal) {
            case (.integer, .string(let bytes)), (.number, .string(let bytes)), (.double, .string(let bytes)):
                guard !other.isSum, bytes.withUnsafeBytes({ NumericValue.parsed($0) == nil }) else { continue }
                let text = String(decoding: bytes, as: UTF8.self)
                let plain = Int64(text).map { "; write \($0)" } ?? ""
                return (other, "this is a number, which never equals the text '\(text)'\(plain)")
            case (.boolean, .integer), (.boolean, .double), (.boolean, .string):
                return (other, "this is true or false already; remove the comparison with \(side.name)")
            default: break
            }
            guard case .type = operation, case .string(let bytes) = literal, let argument = arguments.first else {
                continue
            }
            let kinds = ["null", "boolean", "number", "string", "array", "object", "time"]
            if !kinds.contains(String(decoding: bytes, as: UTF8.self)) {
                return (argument, "type() is one of \(kinds.map { "'\($0)'" }.joined(separator: ", "))")
            }
        }
        return nil
    }

    /// The doubt about `true = 7`: a constant of the language, where a field of that name was meant.
    private static func constants(_ sides: [Syntax]) -> Doubt? {
        guard case .literal(let left) = sides[0], case .literal(let right) = sides[1] else { return nil }
        let constant: Bool
        switch (left, right) {
        case (.boolean, .boolean): return nil
        case (.boolean(let value), _), (_, .boolean(let value)): constant = value
        default: return nil
        }
        return (sides[0], "\(constant) is a constant; for a field of that name, write \"\(constant)\"")
    }

    /// The doubt about `date > '28.03.2026'`: in that form, the order of texts is not that of times.
    private static func order(_ comparison: Comparison, _ sides: [Syntax]) -> Doubt? {
        guard comparison != .equal, comparison != .notEqual else { return nil }
        for (number, side) in sides.enumerated() {
            guard case .literal(.string(let bytes)) = side else { continue }
            let parts = bytes.split(omittingEmptySubsequences: false) { [0x2e, 0x2f, 0x2d].contains($0) }
            let digits = parts.map { part in part.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? part.count : 0 }
            guard digits.count == 3, digits[0] == 1 || digits[0] == 2, digits[1] == 1 || digits[1] == 2, digits[2] == 4
            else { continue }
            return (
                sides[1 - number],
                "'\(String(decoding: bytes, as: UTF8.self))' is compared as text; write a time as '2026-03-28' or "
                    + "'2026-03-28T20:00:00Z'"
            )
        }
        return nil
    }

    /// The doubt about `level = 'a' or 'b'` and about `'a' || b`.
    private static func join(_ word: String, _ arguments: [Syntax]) -> Doubt? {
        guard let literal = arguments.first(where: \.isOtherThanTruth) else { return nil }
        let other = arguments.first { !$0.isOtherThanTruth }
        if word == "or", case .apply(.compare(.equal), let sides)? = other, sides[1].isOtherThanTruth {
            let list = "\(sides[0].name) in (\(sides[1].name), \(literal.name))"
            return (sides[0], "'or' joins conditions; to compare with several values, write \(list)")
        }
        let join = literal.isWord ? "; to join text, write concat(a, b)" : ""
        return (other ?? literal, "'\(word)' joins conditions, and \(literal.name) is not one\(join)")
    }

    /// Whether it is a sum or difference, which is a number or a time.
    fileprivate var isSum: Bool {
        switch self {
        case .apply(.add, _), .apply(.subtract, _): true
        default: false
        }
    }

    private var negated: Syntax? {
        if case .apply(.not, let arguments) = self { arguments.first } else { nil }
    }

    /// Whether it is a literal that is neither true, false nor null.
    private var isOtherThanTruth: Bool {
        switch self {
        case .literal(.integer), .literal(.double), .literal(.string): true
        default: false
        }
    }

    /// Whether it is a string that is not a number.
    private var isWord: Bool {
        guard case .literal(.string(let bytes)) = self else { return false }
        return bytes.withUnsafeBytes { NumericValue.parsed($0) == nil }
    }

    /// A field or literal as text, for messages.
    private var name: String {
        switch self {
        case .field(let path, _): path.text
        case .literal(.integer(let integer)): "\(integer)"
        case .literal(.double(let double)): "\(double)"
        case .literal(.string(let bytes)): "'\(String(decoding: bytes, as: UTF8.self))'"
        default: "x"
        }
    }
}
