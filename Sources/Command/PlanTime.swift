import Plan
import StreamEngine

extension Plan {
    /// The source of event time and the rules that close windows. Requires the window and the aggregates.
    ///
    /// - Parameters:
    ///   - format: the format of the input if it is known.
    ///   - hint: what the input shows, asked only for a message.
    static func readTime(
        _ flags: TimeArguments, _ environment: PlanEnvironment, _ input: any InputSpec, isLive: Bool,
        _ format: InputFormat?, hint: () -> InputHint?, into query: inout Query
    ) throws(UsageError) {
        query.time = try eventTime(flags, window: query.window, input, isLive: isLive, format, hint)
        if let name = flags.timeZone, name != "UTC" {
            var found = ZoneOffsets.fixed(name)
            if found == nil { found = try environment.zone(name) }
            guard let zone = found else {
                throw UsageError("--time-zone '\(name)': unknown time zone; \(zoneHint(name, environment.zoneNames()))")
            }
            query.zone = zone
            query.window = localWindow(query.window, zone)
        }
        if let text = flags.year {
            guard text.utf8.count == 4, let year = Int64(text), year > 0 else {
                throw UsageError("--year '\(text)': not a year; use four digits, such as --year 2026")
            }
            query.year = year
        }
        guard let time = query.time else {
            // Without event times nothing is late, which is what 'none' asks for.
            let delay = flags.watermark == "none" ? nil : flags.watermark
            let given = [
                ("--watermark", delay), ("--lateness", flags.lateness), ("--idle", flags.joinsLines ? nil : flags.idle),
                ("--max-ahead", flags.maxAhead),
            ]
            if let delay, !query.window.isTimed { throw noWindow(delay) }
            if let flag = given.first(where: { $0.1 != nil }) {
                throw UsageError("\(flag.0) requires an event time; add --time FIELD")
            }
            if let rate = query.aggregates.first(where: { $0.function == .rate }) {
                throw UsageError("\(rate.name): a rate requires an event time; add --time FIELD")
            }
            return
        }
        try readWatermark(flags, time, input, isLive: isLive, into: &query)
    }

    /// Days and weeks are those of the time zone, which daylight saving makes an hour shorter or longer.
    private static func localWindow(_ window: WindowSpec, _ zone: ZoneOffsets) -> WindowSpec {
        switch window {
        case .tumbling(Microseconds.day, let align) where !zone.isUTC:
            .calendar(.day, align: align)
        case .tumbling(Microseconds.week, let align) where !zone.isUTC:
            .calendar(.week, align: align)
        default: window
        }
    }

    /// `-W` differs from `-w` in case only.
    private static func noWindow(_ delay: String) -> UsageError {
        UsageError(
            "--watermark \(delay) applies only to time windows; for windows of \(delay), use a lowercase -w \(delay)")
    }

    /// The zones that a word probably means: a city, or a name with small letters.
    private static func zoneHint(_ name: String, _ names: [String]) -> String {
        if let offset = offset(name) { return "write the offset as \(offset)" }
        let word = name.lowercased().replacing(" ", with: "_")
        let near = names.filter { zone in
            let zone = zone.lowercased()
            return zone == word || zone.split(separator: "/").last.map { $0 == word } ?? false
        }
        if !near.isEmpty { return "did you mean \(near.prefix(3).joined(separator: " or "))?" }
        if let zone = Spelling.nearest(to: name, among: names), name.utf8.count > 4 { return "did you mean \(zone)?" }
        return "use a name such as Europe/Berlin, an offset such as +02:00, or UTC"
    }

    /// The offset that `UTC+2`, `GMT+02:00`, `2` or `Z` means. In names such as Etc/GMT+2, the sign is the opposite.
    private static func offset(_ name: String) -> String? {
        var text = name.uppercased()[...]
        if text == "Z" || text == "ZULU" { return "UTC" }
        for prefix in ["UTC", "GMT"] where text.hasPrefix(prefix) { text = text.dropFirst(3) }
        if let first = text.first, first.isNumber { text = "+" + text }
        guard let sign = text.first, sign == "+" || sign == "-" || sign == "\u{2212}" else { return nil }
        var rest = text.dropFirst()
        if rest.utf8.count == 4, !rest.contains(":") { rest = rest.prefix(2) + ":" + rest.suffix(2) }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard let hours = parts.first ?? nil, hours <= 14, parts.count <= 2 else { return nil }
        let minutes = parts.count == 2 ? parts[1] ?? 60 : 0
        guard minutes < 60 else { return nil }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(sign == "+" ? "+" : "-")\(two(hours)):\(two(minutes))"
    }

    private static func eventTime(
        _ flags: TimeArguments, window: WindowSpec, _ input: any InputSpec, isLive: Bool,
        _ known: InputFormat?, _ hint: () -> InputHint?
    ) throws(UsageError) -> EventTime? {
        switch flags.time {
        case "@arrival", nil:
            if let format = flags.timeFormat {
                throw UsageError("--time-format \(format) applies only to a field; add --time FIELD")
            }
            if flags.time != nil { return .arrival }
            guard window.isTimed else { return nil }
            if input.columns.contains(.time) {
                return .field(try fieldPath(SourceColumn.time.rawValue, of: "--time"), .iso)
            }
            if let known, let field = known.timeField {
                return .field(try fieldPath(field, of: "--time"), known.timeFormat)
            }
            guard isLive else {
                var fields = ["FIELD"]
                switch hint() {
                case .foreign(let message): throw UsageError(message)
                case .times(let found): fields = found
                case nil: break
                }
                let options = fields.map { "-t \($0)" }.joined(separator: " or ")
                throw UsageError(
                    "time windows over a file require an event time; add \(options) (or -t @arrival for the time of "
                        + "reading)")
            }
            return .arrival
        case let text?:
            let field = try fieldPath(text, of: "--time")
            if let column = field.sourceColumn {
                guard column == .time else {
                    throw UsageError(
                        "--time \(text) is not a time; use a field (one of that name: \"\(text)\"), @kafka_time or "
                            + "@arrival")
                }
                if let format = flags.timeFormat {
                    throw UsageError("--time-format \(format) applies only to a field; remove it for --time \(text)")
                }
                return .field(field, .iso)
            }
            return .field(field, try flags.timeFormat.map(timeFormat) ?? .auto)
        }
    }

    private static func timeFormat(_ text: String) throws(UsageError) -> TimeFormat {
        do {
            return try TimeFormat.parse(text)
        } catch {
            guard case .unknownFormat = error else { throw UsageError("--time-format: \(error)") }
            if let format = TimePatternHints.format(text), let known = try? TimeFormat.parse(format) { return known }
            guard let pattern = TimePatternHints.pattern(text) else { throw UsageError("--time-format: \(error)") }
            throw UsageError("--time-format '\(text)': a pattern is written with %; use '\(pattern)'")
        }
    }

    /// By default, windows of files stay open until the end, so nothing is late. Windows of live input must close while
    /// it runs; records stamped by the wall clock are never late.
    private static func readWatermark(
        _ flags: TimeArguments, _ time: EventTime, _ input: any InputSpec, isLive: Bool, into query: inout Query
    ) throws(UsageError) {
        let isArrival = if case .arrival = time { true } else { false }
        let second: Int64 = 1_000_000

        query.watermarkDelay = isLive ? (isArrival ? 0 : 5 * second) : nil
        if let text = flags.watermark {
            query.watermarkDelay = try Durations.length(text, of: "--watermark", offWord: "none")
        }
        query.idle = isLive && !input.carriesMessages && flags.watermark != "none" ? (isArrival ? 0 : 10 * second) : nil
        if let text = flags.idle {
            query.idle = try Durations.length(text, of: "--idle", offWord: "off")
            if query.idle != nil, flags.watermark == "none" {
                throw UsageError(
                    "--idle \(text) and --watermark none cannot be combined: there is no watermark to advance; remove "
                        + "one of them")
            }
        }
        query.maxAhead = isLive && !isArrival ? 3600 * second : nil
        if let text = flags.maxAhead {
            query.maxAhead = try Durations.length(text, of: "--max-ahead", offWord: "off")
        }
        if let text = flags.lateness {
            query.lateness = try Durations.length(text, of: "--lateness", allowZero: true)
            guard query.window.isTimed else {
                throw UsageError("--lateness \(text) requires a time window; add one, such as --tumbling 1h")
            }
        }
    }

    /// Parses a field path that is the whole text.
    static func fieldPath(_ text: String, of what: String) throws(UsageError) -> FieldPath {
        do {
            return try FieldPath.parse(text)
        } catch {
            if text.hasPrefix("'"), text.hasSuffix("'"), text.utf8.count > 2 {
                throw UsageError(
                    "\(what) \(text): the quotes are part of the value; write \(text.dropFirst().dropLast())")
            }
            if text.utf8.contains(UInt8(ascii: "(")) || text.utf8.contains(UInt8(ascii: "+")) {
                throw UsageError(
                    "\(what) '\(text)' is an expression, not a field; compute a field first: --let 't=\(text)' \(what) t"
                )
            }
            if let first = text.split(separator: ",").first, first.utf8.count < text.utf8.count {
                throw UsageError("\(what) '\(text)': only one field can be the time; write \(what) \(first)")
            }
            // Not behind advice.
            let name = error.reason.contains("; ") ? nil : OddName.quoted(text)
            let hint = name.map { "; an unusual name is in double quotes: \(what) '\($0)'" } ?? ""
            throw UsageError("\(what) '\(text)' at column \(error.offset + 1): invalid field: \(error.reason)\(hint)")
        }
    }
}
