import Plan
import StreamEngine

extension Plan {
    /// The window that the flags select; without a window flag, a single window over the whole input.
    static func window(_ flags: WindowArguments) throws(UsageError) -> WindowSpec {
        let given = [
            ("--tumbling", flags.tumbling), ("--hopping", flags.hopping), ("--cumulative", flags.cumulative),
            ("--session", flags.session), ("--rows", flags.rows), ("--calendar", flags.calendar),
        ].filter { $0.1 != nil }
        if given.count > 1 {
            throw UsageError("\(given[0].0) and \(given[1].0) cannot be combined; remove one of them")
        }
        let steps = flags.hopping != nil || flags.cumulative != nil || flags.rows != nil
        if let every = flags.every, !steps {
            throw UsageError(
                "--every \(every) requires --hopping, --cumulative or --rows; add one of them, or use -w \(every) "
                    + "instead for windows one after another")
        }
        let aligns = given.isEmpty ? false : flags.session == nil && flags.rows == nil
        if let align = flags.align, !aligns {
            throw UsageError(
                "--align \(align) requires windows with fixed boundaries; "
                    + (given.isEmpty ? "add one, such as --tumbling 1h" : "remove it for \(given[0].0)"))
        }
        let align = try flags.align.map { text throws(UsageError) in try Durations.shift(text, of: "--align") } ?? 0

        if let text = flags.tumbling {
            return .tumbling(size: try Durations.length(text, of: "--tumbling"), align: align)
        }
        if let text = flags.hopping {
            let size = try Durations.length(text, of: "--hopping")
            let step = try step(flags.every, of: "--hopping \(text)")
            try checkOverlap(size, step, "--hopping \(text)")
            return .hopping(size: size, step: step, align: align)
        }
        if let text = flags.cumulative {
            return try cumulative(text, flags.every, align: align)
        }
        if let text = flags.session { return .session(gap: try Durations.length(text, of: "--session")) }
        if let text = flags.rows {
            let count = try Numbers.count(text, of: "--rows")
            let every = try flags.every.map { step throws(UsageError) in try Numbers.count(step, of: "--every") }
            return .rows(count: count, every: every ?? count)
        }
        if let text = flags.calendar {
            guard let unit = CalendarUnit(rawValue: text) else {
                let units = CalendarUnit.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError(
                    "--calendar '\(text)': unknown calendar unit; "
                        + (calendarHint(text) ?? "use one of \(units)"))
            }
            return .calendar(unit, align: align)
        }
        return .all
    }

    /// What a word such as `months`, `daily`, `1d` or `minute` means.
    private static func calendarHint(_ text: String) -> String? {
        var word = text.lowercased().filter { $0.isLetter }
        if word.hasSuffix("s"), word.utf8.count > 2 { word.removeLast() }
        let units = [
            "h": "hour", "hr": "hour", "hourly": "hour", "d": "day", "daily": "day", "w": "week", "weekly": "week",
            "monthly": "month", "mon": "month", "q": "quarter", "quarterly": "quarter", "y": "year", "yr": "year",
            "yearly": "year", "annual": "year",
        ]
        let unit = CalendarUnit(rawValue: units[word] ?? word)
        let count = text.filter { $0.isNumber }
        if let unit, count.isEmpty || count == "1" { return "write --calendar \(unit.rawValue)" }
        if let duration = DurationHint.unit(word) {
            return "for windows of a fixed length, use -w \(count.isEmpty ? "1" : count)\(duration)"
        }
        return nil
    }

    private static func cumulative(_ text: String, _ every: String?, align: Int64) throws(UsageError) -> WindowSpec {
        let max = try Durations.length(text, of: "--cumulative")
        let step = try step(every, of: "--cumulative \(text)")
        guard max.isMultiple(of: step) else {
            throw UsageError(
                "--cumulative \(text) is not a multiple of --every \(DurationText.text(step)); "
                    + "choose a step that divides \(text)")
        }
        try checkOverlap(max, step, "--cumulative \(text)")
        return .cumulative(max: max, step: step, align: align)
    }

    /// A step that puts a record into this many windows is almost certainly a typo.
    private static func checkOverlap(_ size: Int64, _ step: Int64, _ what: String) throws(UsageError) {
        let most: Int64 = 100_000
        guard size / step <= most else {
            throw UsageError(
                "\(what) --every \(DurationText.text(step)): more than \(most) windows overlap; use a larger step")
        }
    }

    private static func step(_ every: String?, of window: String) throws(UsageError) -> Int64 {
        guard let every else { throw UsageError("\(window) requires a step; add --every DUR, such as --every 1m") }
        return try Durations.length(every, of: "--every")
    }
}
