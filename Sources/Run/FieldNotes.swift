import Plan
import StreamEngine

/// Messages about fields that the command line names but no record has.
struct FieldNotes {
    private let plan: Plan
    private let outline: FieldOutline
    private let unfound: [FieldUse]

    /// - Parameter fields: those that no record has.
    init(_ plan: Plan, _ fields: [FieldPath], _ outline: FieldOutline) {
        self.plan = plan
        self.outline = outline
        let wanted = Set(fields)
        let uses = outline.isEmpty ? [] : plan.query.fieldUses.filter { wanted.contains($0.path) }
        var optional: Set<FieldPath> = []
        for use in uses { if case .optional = use.context { optional.insert(use.path) } }
        // A repeated key may have hidden a field.
        let known = Set(outline.fields.map(\.text))
        unfound = uses.filter { !optional.contains($0.path) && !known.contains($0.path.text) }
    }

    var isEmpty: Bool { unfound.isEmpty }

    /// More fields than these are only counted.
    private static let mostLines = 10

    /// One line for each field that no record has, then the list of the fields that there are.
    ///
    /// - Parameter isFinal: the whole input was read.
    func lines(isFinal: Bool) -> [String] {
        guard !unfound.isEmpty else { return [] }
        var lines: [String] = []
        var seen: Set<FieldPath> = []
        var words: Set<String> = []
        var needsList = false
        var left = 0
        for use in unfound where seen.insert(use.path).inserted {
            if lines.count == Self.mostLines {
                left += 1
                continue
            }
            // One line for a name that became several fields because of its hyphens.
            if let word = quotedField(around: use) ?? use.hyphenated, !words.insert(word).inserted { continue }
            let (line, isExplained) = line(use, isFinal: isFinal)
            lines.append(line)
            needsList = needsList || !isExplained
        }
        if left == 1 { lines.append("one more field that the command line names is in no record") }
        if left > 1 { lines.append("\(left) more fields that the command line names are in no record") }
        guard needsList else { return lines }
        let names = outline.fields.filter { $0.kind != .object }.map(\.text)
        let shown = names.prefix(16).joined(separator: ", ")
        let more = names.count > 16 ? ", … (\(names.count - 16) more)" : ""
        lines.append(names.isEmpty ? "the first record has no fields" : "fields of the input: \(shown)\(more)")
        return lines
    }

    /// The line for one field, and whether it explains what is wrong.
    private func line(_ use: FieldUse, isFinal: Bool) -> (String, isExplained: Bool) {
        let text = use.path.text
        let start = "\(Self.short(use.place)): no record \(isFinal ? "has" : "so far has")"
        if let field = quotedField(around: use) {
            return ("\(use.place): the name of this field is in double quotes in an expression: \(field)", true)
        }
        if let word = use.hyphenated, let hint = hyphenHint(word) { return ("\(use.place): \(hint)", true) }
        let near = nearest(to: use)
        let name = use.isQuoted ? Self.short(text) : "'\(Self.short(text))'"
        let suggestion = near.map { "did you mean '\($0)'?" }
        if let hint = hintOfPath(use) { return ("\(start) \(name): \(hint)", true) }
        if use.isQuoted, use.source != nil {
            let word = use.path.columnName
            let quotes = Double(word) == nil ? "text is in single quotes: '\(word)'" : "write the number as \(word)"
            return ("\(start) the field \(name); \(quotes)" + (suggestion.map { "; or \($0)" } ?? ""), true)
        }
        if case .compared = use.context, use.path.name != nil {
            let quotes = "text is in single quotes: '\(text)'"
            return ("\(start) the field \(name); \(quotes)" + (suggestion.map { "; or \($0)" } ?? ""), true)
        }
        if use.source != nil, let function = ExpressionFunction(rawValue: text), near == nil {
            return ("\(start) \(name); the function is written \(function.help.usage)", true)
        }
        if isColumnOfRows(text) {
            return ("\(start) \(name), which is a column of the rows: use it in --having or --select", true)
        }
        if !plan.query.nesting.arrays.isEmpty, use.path.sourceColumn == nil, near == nil, !text.hasPrefix("outer") {
            return ("\(start) \(name); a field of the record around the elements is written outer.\(text)", false)
        }
        if let inner = outline.innerField(use.path) { return ("\(start) \(name); \(Self.wayTo(inner, text))", true) }
        return ("\(start) \(name)" + (suggestion.map { "; \($0)" } ?? ""), false)
    }

    /// Where a field is inside of arrays and texts, and the flags that read it.
    private static func wayTo(_ field: InnerField, _ wanted: String) -> String {
        let place =
            (field.unwraps.reversed().map { "the text of \($0)" } + (field.each.map { ["the array \($0)"] } ?? []))
            .joined(separator: " in ")
        let flags =
            (field.each.map { ["--each \(Shell.quoted($0))"] } ?? [])
            + field.unwraps.map { "--unwrap \(Shell.quoted($0))" }
        let end = field.unwraps.isEmpty ? "reads its elements as records" : "reads it"
        let name = field.name == wanted ? "" : ", where it is \(field.name)"
        return "it is inside of \(place); \(flags.joined(separator: " ")) \(end)\(name)"
    }

    private static func short(_ text: String) -> String { Excerpt.text(Array(text.utf8), limit: 120) }

    /// The field that an expression names without the double quotes that it needs: `"x/y"`, `"not ok"`.
    private func quotedField(around use: FieldUse) -> String? {
        guard let source = use.source.map({ Array($0.utf8) }), source.indices.contains(use.offset) else { return nil }
        return outline.fields.first { field in
            guard field.path.count == 1, field.text.hasPrefix("\""), let name = field.path.first else { return false }
            let starts = max(0, use.offset - name.count)...use.offset
            return starts.contains { $0 + name.count > use.offset && source[$0...].starts(with: name) }
        }?.text
    }

    /// For `event-type` in an expression.
    private func hyphenHint(_ word: String) -> String? {
        let isField = outline.fields.contains { $0.text == word }
        let parts = word.split(separator: "-").map(String.init)
        guard isField || parts.allSatisfy({ part in unfound.contains { $0.path.text == part } }) else { return nil }
        let remedy = "a field of that name is in double quotes: \"\(word)\""
        return "\(word) is \(parts.joined(separator: " minus ")); \(remedy)"
    }

    /// For a path that ends early: in text, or in an array.
    private func hintOfPath(_ use: FieldUse) -> String? {
        var path: [[UInt8]] = []
        for (position, step) in use.path.steps.enumerated() {
            guard case .name(let name) = step else { return nil }
            path.append(name)
            guard position + 1 < use.path.steps.count, let field = outline.field(path) else { continue }
            let prefix = field.text
            let rest = use.path.text.dropFirst(prefix.utf8.count)
            switch field.kind {
            case .array:
                let first = "\(prefix)[0]\(rest) reads its first element"
                return "\(prefix) is an array; \(first); for all of them, \(advice("--each", prefix, rest))"
            case .text:
                let value = Excerpt.text(field.value, limit: 30)
                let isObject = field.value.first == UInt8(ascii: "{")
                let unwrap = advice("--unwrap", prefix, rest)
                if isObject { return "\(prefix) is text that holds JSON; \(unwrap)" }
                // A field of another kind in the first record, such as a line of plain text among JSON.
                guard Self.payloads.contains(String(decoding: name, as: UTF8.self).lowercased()) else {
                    return "\(prefix) is text, not an object: '\(value)'"
                }
                return
                    "\(prefix) is text, not an object: '\(value)'; if other records hold JSON there, \(unwrap)"
            case .number, .boolean: return "\(prefix) is not an object: \(Excerpt.text(field.value, limit: 30))"
            case .null, .object: break
            }
        }
        return nil
    }

    /// Fields in which logs are wrapped.
    private static let payloads: Set<String> = [
        "log", "message", "body", "payload", "data", "event", "record", "line", "raw", "_raw", "@message",
        "text",
        "content", "textpayload",
    ]

    /// The flag that reads what a field holds as records, and the field as it is then written.
    private func advice(_ flag: String, _ field: String, _ rest: Substring) -> String {
        "add \(flag) \(field) and write \(rest.drop { $0 == "." })"
    }

    private func isColumnOfRows(_ name: String) -> Bool {
        plan.query.aggregates.contains { $0.name == name }
            || plan.query.window.isTimed && ["window_start", "window_end"].contains(name)
    }

    // MARK: - Names that are near

    private func nearest(to use: FieldUse) -> String? {
        let wanted = use.path.columnName
        let columns = plan.input.columns.map(\.rawValue)
        if let column = columns.first(where: { $0.dropFirst() == wanted }) { return column }
        let candidates = outline.fields.filter { $0.kind != .object || use.path.steps.count > 1 }
        let plain = Self.plain(wanted)
        if let same = candidates.first(where: { Self.plain($0.text) == plain }) { return same.text }
        if use.place == "--time" {
            let times = candidates.filter { $0.time != nil }
            if let near = Spelling.nearest(to: wanted, among: times.map(\.text)) ?? times.first?.text { return near }
        }
        let words = candidates.map { $0.text.lowercased() }
        // Any two names of two letters are near.
        if wanted.utf8.count > 2, let near = Spelling.nearest(to: wanted.lowercased(), among: words),
            let place = words.firstIndex(of: near)
        {
            return candidates[place].text
        }
        let last = Self.plain(use.path.lastName)
        if let inner = candidates.first(where: { Self.plain($0.lastName) == last }) { return inner.text }
        // A word of a name: `duration` of `duration_ms`.
        guard plain.count >= 3 else { return nil }
        return candidates.first { field in
            let parts = field.text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
            let other = Self.plain(field.text)
            return parts.contains(plain) || plain.count >= 4 && (other.hasPrefix(plain) || other.hasSuffix(plain))
                || other.count >= 4 && (plain.hasPrefix(other) || plain.hasSuffix(other))
        }?.text
    }

    /// A name without case and punctuation.
    private static func plain(_ name: String) -> String {
        String(name.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}

extension FieldPath {
    fileprivate var lastName: String {
        if case .name(let name)? = steps.last { String(decoding: name, as: UTF8.self) } else { text }
    }
}

extension FieldOutline.Field {
    fileprivate var lastName: String { String(decoding: path.last ?? [], as: UTF8.self) }
}
