import Plan
import StreamEngine

/// The lines that tell what became of the records of a run: at its end, and while it reads live input.
struct Report {
    let plan: Plan
    let names: InputNames
    /// The whole input was read, rather than stopped by a signal, an error or `--max-records`.
    let hasReadAll: Bool
    /// The run has ended.
    let isFinal: Bool

    /// What became of all records.
    func counts(_ counts: borrowing RunCounts) -> String {
        "\(counts.records) records\(soFar): \(counts.inWindow) \(plan.query.passesThrough ? "passed" : "in windows"), "
            + "\(counts.inNoWindow) in no window, \(counts.filtered) filtered, \(counts.late) late, "
            + "\(counts.rejectedCount) rejected\(others(counts)); \(counts.rows) rows"
    }

    /// What only some runs have.
    private func others(_ counts: borrowing RunCounts) -> String {
        (plan.query.dedup == nil ? "" : ", \(counts.duplicates) duplicates")
            + (counts.tombstones > 0 ? ", \(counts.tombstones) tombstones" : "")
            + (counts.reread > 0 ? ", \(counts.reread) in windows of an earlier run" : "")
    }

    /// Problems of one kind.
    struct Notice {
        enum Kind: Hashable {
            case late, duplicates, missedWindows, rejected, foreign, times, refused, tombstones
            case lookup(Int)
            case skipped(aggregate: String)
        }

        var kind: Kind
        /// How many there were; 1 for what is true or not.
        var count = 1
        var text: String
    }

    /// Late, rejected, refused and skipped input, where there was any.
    func problems(_ counts: borrowing RunCounts, _ refusals: RefusedRows, _ survey: InputSurvey) -> [Notice] {
        var notices: [Notice] = []
        func note(_ kind: Notice.Kind, _ count: Int, _ text: String?) {
            if let text { notices.append(Notice(kind: kind, count: count, text: text)) }
        }
        note(.late, counts.late, lateRecords(counts))
        note(.duplicates, counts.duplicates + counts.withoutKey, duplicates(counts))
        if counts.latePairs > 0 {
            let often = counts.latePairs == 1 ? "once" : "\(counts.latePairs) times"
            note(
                .missedWindows, counts.latePairs,
                "\(often)\(soFar), a record missed a window that had already closed (it was counted in others)")
        }
        note(.rejected, counts.rejectedCount, rejectedRecords(counts))
        note(.foreign, 1, foreignContent(counts, survey))
        for line in TimeReport.lines(counts, plan) { note(.times, 1, line) }
        if refusals.count > 0 {
            note(
                .refused, refusals.count,
                "\(refusals.count) of \(counts.rows) rows were refused (first: \(refusals.first))"
                    + (plan.rejects == nil ? "; --rejects FILE keeps them" : ""))
        }
        for (number, count) in counts.lookupMisses.enumerated() where count > 0 {
            note(
                .lookup(number), count,
                "lookup \(plan.query.lookups[number].path): \(count) of \(counts.records) records\(soFar) without a row"
            )
        }
        note(.tombstones, counts.tombstones, ignoredTombstones(counts))
        for (name, problems) in counts.bad.sorted(by: { $0.key < $1.key }) {
            note(.skipped(aggregate: name), problems.count, skipped(problems, name))
        }
        return notices
    }

    /// What `--dedup` has dropped; that some records are dropped is not unusual.
    private func duplicates(_ counts: borrowing RunCounts) -> String? {
        guard isFinal, counts.duplicates + counts.withoutKey > 0 else { return nil }
        return "dedup: \(counts.duplicates) of \(counts.records) records\(soFar) dropped as duplicates"
            + (counts.withoutKey > 0 ? ", \(counts.withoutKey) without key" : "")
    }

    /// Messages without a value that could have deleted rows.
    private func ignoredTombstones(_ counts: borrowing RunCounts) -> String? {
        guard counts.tombstones > 0, let changes = plan.query.changes, !changes.takesTombstones else { return nil }
        let name = changes.keys.first ?? ""
        return
            "\(counts.tombstones) of \(counts.records) messages are tombstones, which were ignored: the key of the rows is "
            + "read from the value, which they lack; --key \(name)=@key deletes their rows"
    }

    private var soFar: String { isFinal ? "" : " so far" }

    // MARK: - Late records

    private func lateRecords(_ counts: borrowing RunCounts) -> String? {
        guard let advice = counts.lateAdvice else { return nil }
        let what = "\(counts.late) of \(counts.records) records\(soFar) were late"
        let worst = "worst \(DurationText.text(Self.rounded(advice.all)))"
        if counts.isPunctuated {
            return "\(what) (\(worst)); the previous stage had announced that none would follow; increase its "
                + "--watermark by \(DurationText.text(Self.roundedUp(advice.all)))"
        }
        let delay = delayAdvice(advice, counts.late)
        if isFileInPipe(counts) {
            return "add -W none: this input ended, and with -W none it is read like a file; "
                + "\(counts.late) of \(counts.records) records were late and are missing in the rows (\(worst); \(delay))"
        }
        let isDefault = plan.isLive && plan.usesDefaultWatermark
        return "\(what) (\(worst)); \(delay)" + (isDefault ? "; so does -W none if the input ends" : "")
    }

    /// Whether the input, read as live input by default, was a whole file: it ended, and much of it was late.
    func isFileInPipe(_ counts: borrowing RunCounts) -> Bool {
        plan.isLive && plan.usesDefaultWatermark && hasReadAll && !counts.isPunctuated && counts.late > 0
            && counts.late > counts.records / 100
    }

    private func delayAdvice(_ advice: (all: Int64, most: Int64), _ late: Int) -> String {
        let all = Self.roundedUp(advice.all)
        let most = Self.roundedUp(advice.most)
        let text = "--watermark \(DurationText.text(all)) keeps all"
        return late >= 100 && most < all ? text + ", \(DurationText.text(most)) keeps 99 % of the late ones" : text
    }

    /// For human readers: in tenths of a second at one second or more, in milliseconds below.
    private static func rounded(_ time: Int64) -> Int64 {
        let unit: Int64 = time >= 1_000_000 ? 100_000 : 1_000
        return time < unit ? time : time / unit * unit
    }

    /// For a flag: rounded up to whole seconds at one second or more, to milliseconds below.
    private static func roundedUp(_ time: Int64) -> Int64 {
        let unit: Int64 = time >= 1_000_000 ? 1_000_000 : 1_000
        let (sum, overflow) = time.addingReportingOverflow(unit - 1)
        return overflow ? time : sum / unit * unit
    }

    // MARK: - Rejected records

    private func rejectedRecords(_ counts: borrowing RunCounts) -> String? {
        var reasons: [String] = []
        let isUseless = isUseless(counts)
        for (reason, problems) in Self.causes(counts) {
            guard let first = problems.first else { continue }
            let others = problems.examples.dropFirst()
            let places = others.map { names.text(of: $0.position) }
            let then =
                isUseless && reason == .malformed && others.contains { $0.text != first.text }
                ? zip(places, others).map { "; then \($0): \($1.text)" }.joined()
                : others.isEmpty ? "" : "; then \(places.joined(separator: ", "))"
            reasons.append(
                "\(problems.count) \(reason.rawValue) (first at \(names.text(of: first.position)): \(first.text)\(then))"
            )
        }
        guard !reasons.isEmpty else { return nil }
        return "\(counts.rejectedCount) of \(counts.records) records\(soFar) were rejected: "
            + reasons.joined(separator: ", ")
    }

    /// The rejected records by reason, those without a usable time by cause.
    private static func causes(_ counts: borrowing RunCounts) -> [(RejectReason, Problems)] {
        let (rejected, timeDefects) = (counts.rejected, counts.timeDefects)
        return RejectReason.allCases.flatMap { reason -> [(RejectReason, Problems)] in
            guard reason == .noTime else { return rejected[reason].map { [(reason, $0)] } ?? [] }
            return TimeDefect.allCases.compactMap { defect in timeDefects[defect].map { (reason, $0) } }
        }
    }

    /// Whether most of the input is malformed, or no record of it has a usable time.
    func isUseless(_ counts: borrowing RunCounts) -> Bool {
        guard counts.records > 0 else { return false }
        if counts.rejectedCount == counts.records { return true }
        // With --rejects, rejected records are expected.
        let isMostlyMalformed = counts.rejected[.malformed].map { $0.count > counts.records / 2 } ?? false
        if isMostlyMalformed, plan.rejects == nil { return true }
        let usable = counts.inWindow + counts.inNoWindow + counts.late + counts.duplicates
        return counts.rejected[.noTime] != nil && usable == 0 && counts.rejected[.future] == nil
    }

    /// What an unreadable input looks like, and the command that makes it readable.
    private func foreignContent(_ counts: borrowing RunCounts, _ survey: InputSurvey) -> String? {
        let malformed = counts.rejected[.malformed]
        let count = (malformed?.count ?? 0) + (counts.rejected[.tooLong]?.count ?? 0)
        guard count > counts.records / 2, let head = survey.unreadableHead else { return nil }
        if plan.input.carriesMessages {
            let name = names[malformed?.first?.position.input ?? 0]
            return ForeignContent(message: head).map { $0.message(ofTopic: name, plan.input.texts.first ?? "", head) }
        }
        let name = names[malformed?.first?.position.input ?? 0]
        if let other = otherFormat(head) {
            return "\(name) looks like \(other.name): leave -i \(plan.format.name.rawValue) out"
        }
        guard let content = ForeignContent(head), !content.isLog || plan.format.name.takesJSON else { return nil }
        // A damaged object is shown with what is wrong in it.
        let isDamaged = head.first { $0 > 0x20 } == UInt8(ascii: "{")
        if content == .text, isDamaged || count < counts.records { return nil }
        // A few lines of text may be the error message of the command before.
        if content == .text, plan.isLive, count < 10, ForeignText.pattern(head) == nil { return nil }
        return content.message(name, head)
    }

    /// The format that the first records show, if it is not the one of `--input-format`.
    private func otherFormat(_ head: [UInt8]) -> InputFormat? {
        guard plan.format.name != .auto,
            let found = try? FormatChoice(FormatPlan()).format(head, path: "", isWhole: true),
            found.name != "json" || head.withUnsafeBytes(FormatChoice.beginsJSON)
        else { return nil }
        return found.name == (plan.format.format?.name ?? plan.format.name.rawValue) ? nil : found
    }

    // MARK: - Skipped values

    private func skipped(_ problems: Problems, _ name: String) -> String {
        let isOne = problems.count == 1
        let message = (BadValueKind(place: name) ?? .number).message
        let what = isOne ? message.one : message.many
        let place = problems.first.map { "\(isOne ? "at" : "first at") \(names.text(of: $0.position)): \($0.text)" }
        let text = "\(name): \(problems.count) \(what)" + (place.map { " (\($0))" } ?? "")
        guard let first = problems.first, let aggregate = plan.query.aggregates.first(where: { $0.name == name }),
            let argument = aggregate.arguments.first
        else { return text }
        if ["true", "false"].contains(first.text) {
            return text + "; number(\(argument.text)) is 1 for true and 0 for false"
        }
        return text + (Self.remedy(first.text, argument.text, aggregate).map { "; \($0)" } ?? "")
    }

    /// The aggregate that reads a text that is not a number: with a unit, or with separators.
    private static func remedy(_ value: String, _ argument: String, _ aggregate: Aggregate) -> String? {
        guard value.hasPrefix("'"), value.hasSuffix("'") else { return nil }
        let text = value.dropFirst().dropLast()
        let call: String
        if RecordNotes.hasUnit(Array(text.utf8)), let function = ExpressionFunction.reading(Array(text.utf8)) {
            call = "\(function.rawValue)(\(argument))"
        } else if let unit = RecordNotes.onlyUnit(Array(text.utf8)), RecordNotes.hasUnit(Array(text.utf8)) {
            call = "number(replace(\(argument), '\(unit)', ''))"
        } else if let currency = text.first, "$€£".contains(currency), Double(text.dropFirst()) != nil {
            call = "number(replace(\(argument), '\(currency)', ''))"
        } else if text.contains(","), let plain = Double(text.replacing(",", with: "")), plain.isFinite {
            let groups = text.split(whereSeparator: { $0 == "," }).dropFirst()
            let isThousands = groups.allSatisfy { group in group.prefix(while: { $0 != "." }).count == 3 }
            call = "number(replace(\(argument), ',', '\(isThousands ? "" : ".")'))"
        } else {
            return nil
        }
        guard aggregate.function.parameter == nil else { return "\(call) reads it" }
        return "-a '\(aggregate.name)=\(aggregate.function.name)(\(call))' reads it".replacing("-a '", with: "-a \"")
            .replacing(")' reads", with: ")\" reads")
    }
}
