import Plan
import StreamEngine

/// Notes about what the command line asks for and the records do not have. They change neither rows nor, without
/// `--strict`, the exit status.
struct RecordNotes {
    private let plan: Plan
    private let fields: FieldNotes
    private let outline: FieldOutline
    /// `--where` was true for no record.
    private let filtersAll: Bool
    /// The latest event time, microseconds since 1970.
    private let lastTime: Int64

    /// - Parameter engine: its records so far.
    init(_ plan: Plan, _ engine: any Engine) {
        self.plan = plan
        let survey = engine.survey
        lastTime = engine.latestEventTime
        var filtersAll = false
        engine.withCounts { filtersAll = $0.filtered > 0 && $0.filtered + $0.rejectedCount == $0.records }
        // A table filters too.
        self.filtersAll = filtersAll && !plan.query.lookups.contains { $0.missing == .drop }
        outline = FieldOutline(of: survey.sample)
        fields = FieldNotes(plan, survey.unfoundFields, outline)
    }

    /// A field that the command line names is in no record.
    var lacksField: Bool { !fields.isEmpty }

    /// - Parameters:
    ///   - isFinal: the whole input was read.
    ///   - hasEnded: the input has ended, rather than the run.
    func lines(isFinal: Bool, hasEnded: Bool = false) -> [String] {
        fields.lines(isFinal: isFinal) + filterNotes(isFinal: isFinal) + (isFinal ? misuseNotes : [])
            + [timeNote, arrivalNote(hasEnded: hasEnded), watermarkNote(isFinal)].compactMap(\.self) + unitNotes
    }

    /// `-W` differs from `-w` in case only.
    private func watermarkNote(_ isFinal: Bool) -> String? {
        guard isFinal, !plan.usesDefaultWatermark, !plan.query.window.isTimed, !plan.query.punctuate,
            plan.query.dedup?.within == nil,
            let delay = plan.query.watermarkDelay
        else { return nil }
        let text = DurationText.text(delay)
        return
            "--watermark \(text) changes nothing without time windows; for windows of \(text), use a lowercase -w \(text)"
    }

    /// Computed fields that join texts with `||`.
    private var misuseNotes: [String] {
        (plan.query.filter?.mixedTimes(outline).map { "--where: \($0)" } ?? [])
            + joinNotes
    }

    private var joinNotes: [String] {
        plan.query.lets.flatMap { item in
            item.expression.misusedFields(outline).map { "--let \(item.name): \($0)" }
        }
    }

    /// Reasons why nothing has passed `--where`.
    private func filterNotes(isFinal: Bool) -> [String] {
        guard filtersAll, let filter = plan.query.filter else { return [] }
        let start = "--where \(isFinal ? "was" : "so far was") true for no record"
        return filter.reasonsToFail(outline).map { "\(start): \($0)" }
    }

    /// Small numbers as event times, though another field has times of this century.
    private var timeNote: String? {
        if case .field(let path, _) = plan.query.time, lastTime == Int64.min, path.sourceColumn == nil,
            let field = outline.fields.first(where: { $0.text == path.text }), field.time == nil, field.kind != .null,
            let better = outline.fields.first(where: { $0.time != nil })
        {
            return "--time \(path.text): no value is a time; did you mean -t \(Shell.quoted(better.text))?"
        }
        guard case .field(let path, _) = plan.query.time, lastTime > Int64.min, lastTime < Self.year2000,
            let field = outline.fields.first(where: { $0.text == path.text }), field.kind == .number, field.time == nil,
            let better = outline.fields.first(where: { $0.time != nil })
        else { return nil }
        let value = Excerpt.text(field.value)
        return "--time \(path.text): \(value) is a time soon after 1970; did you mean -t \(Shell.quoted(better.text))?"
    }

    private static let year2000: Int64 = 946_684_800_000_000

    /// Windows of the time of reading, though the records have times of their own or were all there at once.
    private func arrivalNote(hasEnded: Bool) -> String? {
        guard case .arrival = plan.query.time, plan.usesDefaultTime, plan.query.window.isTimed else { return nil }
        guard let field = outline.fields.first(where: { $0.time != nil }) else {
            guard hasEnded, !outline.isEmpty else { return nil }
            return
                "windows are by the time of reading, since no -t names a field with the time of events (-t @arrival if "
                + "that is meant)"
        }
        return "windows are by the time of reading; for the time in '\(field.text)' add -t \(Shell.quoted(field.text))"
    }

    /// `min` and `max` of numbers with units, which are compared as text.
    private var unitNotes: [String] {
        plan.query.aggregates.compactMap { aggregate in
            guard [.min, .max].contains(aggregate.function), let path = aggregate.arguments.first?.plainField,
                let field = outline.fields.first(where: { $0.text == path.text }), field.kind == .text,
                field.time == nil, Self.hasUnit(field.value)
            else { return nil }
            let text =
                "\(aggregate.name): '\(Excerpt.text(field.value))' is text, which is compared byte by byte, not by size"
            if let function = ExpressionFunction.reading(field.value) {
                let call = "\(aggregate.function.name)(\(function.rawValue)(\(path.text)))"
                return "\(text); -a '\(aggregate.name)=\(call)' compares \(function.rawValue)s"
            }
            guard let unit = Self.onlyUnit(field.value) else { return text }
            return "\(text); \(aggregate.function.name)(number(replace(\(path.text), '\(unit)', ''))) compares numbers"
        }
    }

    /// The unit, if the text is one number and one unit.
    static func onlyUnit(_ text: [UInt8]) -> String? {
        let number = text.prefix { $0 < UInt8(ascii: "A") && $0 != UInt8(ascii: "%") }
        let unit = text.dropFirst(number.count)
        guard unit.allSatisfy({ $0 >= UInt8(ascii: "A") || $0 == UInt8(ascii: "%") }) else { return nil }
        return String(decoding: Array(number.drop { $0 != UInt8(ascii: " ") }) + unit, as: UTF8.self)
    }

    /// Whether the text is a number and a unit: `12ms`, `1m2.5s`, `1.5K`, `7 %`.
    static func hasUnit(_ text: [UInt8]) -> Bool {
        var rest = text[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
        guard let first = rest.first, isDigit(first) else { return false }
        var parts = 0
        while !rest.isEmpty {
            let number = rest.prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
            rest = rest.dropFirst(number.count).drop { $0 == UInt8(ascii: " ") }
            let unit = rest.prefix { $0 >= UInt8(ascii: "A") || $0 == UInt8(ascii: "%") }
            guard !number.isEmpty, !unit.isEmpty, unit.count <= 8 else { return false }
            rest = rest.dropFirst(unit.count).drop { $0 == UInt8(ascii: " ") }
            parts += 1
        }
        return parts > 0 && parts <= 6
    }
}
