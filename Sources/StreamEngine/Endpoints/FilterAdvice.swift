extension Expression {
    /// Why this condition may be true for no record: comparisons of values of different kinds, and operands that are not
    /// conditions. A guess from sample records, for messages about a filter that nothing has passed.
    package func reasonsToFail(_ outline: FieldOutline) -> [String] {
        var reasons: [String] = []
        FailingFilter(outline: outline).examine(syntax, isCondition: true, &reasons)
        return reasons
    }
}

extension Expression {
    /// Comparisons of times in text form with text of another form, whose order is not that of the times: `T` and a blank
    /// between date and time, or no time at all. A guess from sample records.
    package func mixedTimes(_ outline: FieldOutline) -> [String] {
        var reasons: [String] = []
        FailingFilter(outline: outline).findMixedTimes(syntax, &reasons)
        return reasons
    }

    /// Fields that are joined by `and` and `or`, or negated, without being conditions. A guess from sample records.
    package func misusedFields(_ outline: FieldOutline) -> [String] {
        var reasons: [String] = []
        FailingFilter(outline: outline).findMisused(syntax, &reasons)
        return reasons
    }
}

private struct FailingFilter {
    let outline: FieldOutline

    func examine(_ syntax: Syntax, isCondition: Bool, _ reasons: inout [String]) {
        switch syntax {
        case .literal, .aggregate: break
        case .field(let path, _):
            guard isCondition, let field = field(path), field.kind != .boolean, field.kind != .null else { return }
            reasons.append(
                "\(path.text) is \(noun(field)), not a condition; compare it, such as \(path.text) = \(value(field))")
        case .apply(.and, let arguments), .apply(.or, let arguments), .apply(.not, let arguments):
            for argument in arguments { examine(argument, isCondition: isCondition, &reasons) }
        case .apply(.compare, let sides):
            guard sides.count == 2 else { return }
            compare(sides[0], sides[1], &reasons)
            compare(sides[1], sides[0], &reasons)
        case .apply(.isIn, let arguments):
            guard let first = arguments.first else { return }
            var found: [String] = []
            for argument in arguments.dropFirst() where found.isEmpty { compare(first, argument, &found) }
            reasons += found
        case .apply: break
        }
    }

    func findMixedTimes(_ syntax: Syntax, _ reasons: inout [String]) {
        guard case .apply(let operation, let arguments) = syntax else { return }
        for argument in arguments { findMixedTimes(argument, &reasons) }
        guard case .compare(let comparison) = operation, comparison != .equal, comparison != .notEqual else { return }
        for (number, argument) in arguments.enumerated() {
            guard case .field(let path, _) = argument, case .literal(.string(let text)) = arguments[1 - number],
                let field = field(path), field.kind == .text, field.time != nil, reasons.isEmpty,
                !Self.haveSameForm(field.value, text)
            else { continue }
            let literal = String(decoding: text, as: UTF8.self)
            reasons.append(
                "\(path.text) is text such as \(value(field)), whose order to '\(literal)' is not that of times; write "
                    + "time(\(path.text)) and a time as '2026-03-28T20:00:00Z'")
        }
    }

    /// Whether digits are where digits are, and other characters are the same, as far as both texts reach.
    private static func haveSameForm(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
        return zip(a, b).prefix(19).allSatisfy { isDigit($0) ? isDigit($1) : $0 == $1 }
    }

    func findMisused(_ syntax: Syntax, _ reasons: inout [String]) {
        guard case .apply(let operation, let arguments) = syntax else { return }
        for argument in arguments { findMisused(argument, &reasons) }
        let isJoin =
            switch operation {
            case .or, .and: true
            default: false
            }
        guard isJoin else { return }
        for case .field(let path, _) in arguments {
            guard reasons.isEmpty, let field = field(path), field.kind == .text || field.kind == .number else {
                continue
            }
            let names = arguments.compactMap { if case .field(let path, _) = $0 { path.text } else { nil } }
            let remedy =
                names.count == arguments.count ? "; to join text, write concat(\(names.joined(separator: ", ")))" : ""
            reasons.append("\(path.text) is \(noun(field)), not a condition\(remedy)")
        }
    }

    private func compare(_ left: Syntax, _ right: Syntax, _ reasons: inout [String]) {
        guard case .literal(let literal) = right else { return }
        if case .apply(.not, let inner) = left, !isBoolean(literal) {
            guard case .field(let path, _)? = inner.first else { return }
            reasons.append("! applies to \(path.text) alone; write not \(path.text) = …, or \(path.text) != …")
        }
        guard case .field(let path, _) = left, let field = field(path) else { return }
        switch (field.kind, literal) {
        // Text that is a number compares with numbers.
        case (.number, .string(let text)) where isNumber(text): break
        case (.text, .integer) where isNumber(field.value), (.text, .double) where isNumber(field.value): break
        case (.text, .string(let text)) where field.time != nil && !isTime(text):
            reasons.append(
                "\(path.text) is a time (\(value(field))), but is compared with other text; write a time as "
                    + "'2026-03-28T20:00:00Z'")
        case (.object, .string), (.object, .integer), (.object, .double), (.array, .string), (.array, .integer):
            reasons.append(
                "\(path.text) is \(noun(field)); name a part of it, such as \(path.text)\(field.kind == .array ? "[0]" : ".NAME")"
            )
        case (.number, .string), (.boolean, .string): reasons.append(difference(path, field, "text"))
        case (.text, .integer), (.text, .double), (.boolean, .integer), (.boolean, .double):
            reasons.append(difference(path, field, "a number"))
        default: break
        }
    }

    private func difference(_ path: FieldPath, _ field: FieldOutline.Field, _ other: String) -> String {
        "\(path.text) is \(noun(field)) (\(value(field))), but is compared with \(other)"
    }

    private func isBoolean(_ literal: Literal) -> Bool { if case .boolean = literal { true } else { false } }

    private func isTime(_ text: [UInt8]) -> Bool {
        text.withUnsafeBytes { bytes in
            var reader = TimeReader(.auto, zone: .utc)
            if case .time = reader.read(Value(bytes)) { return true }
            return false
        }
    }

    private func isNumber(_ text: [UInt8]) -> Bool { text.withUnsafeBytes { NumericValue.parsed($0) != nil } }

    private func field(_ path: FieldPath) -> FieldOutline.Field? {
        var names: [[UInt8]] = []
        for step in path.steps {
            guard case .name(let name) = step else { return nil }
            names.append(name)
        }
        return outline.field(names)
    }

    private func noun(_ field: FieldOutline.Field) -> String {
        switch field.kind {
        case .null: "null"
        case .boolean: "true or false"
        case .number: "a number"
        case .text: "text"
        case .array: "an array"
        case .object: "an object"
        }
    }

    private func value(_ field: FieldOutline.Field) -> String {
        let text = Excerpt.text(field.value, limit: 30)
        return field.kind == .text ? "'\(text)'" : text
    }
}
