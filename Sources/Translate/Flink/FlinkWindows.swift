import Plan
import StreamEngine

/// How records are put into windows.
struct FlinkWindows {
    /// What follows FROM.
    var source: String
    /// What follows WHERE, between the window and the groups; nil for nothing.
    var condition: String?
    /// The columns with the bounds, and what is grouped by.
    var start = "window_start"
    var end = "window_end"
    var group = ["window_start", "window_end"]
    /// The time attribute for the next stage.
    var time: String? = "window_time"
    var notes: [Difference] = []

    /// - Parameters:
    ///   - keys: the columns that sessions are kept for.
    ///   - updates: a closed window can be corrected, or an open one printed, so Flink must use the older functions.
    init(_ window: WindowSpec, of input: FlinkRelation, keys: [String], updates: Bool) throws(UsageError) {
        let rowtime = input.rowtime ?? FlinkRelation.eventTime
        func length(_ flag: String, _ length: Int64) throws(UsageError) -> String {
            guard let text = FlinkText.interval(length) else {
                throw .refusal(FlinkSQL.name, flag, "job has windows of whole milliseconds", "use a multiple of 1ms")
            }
            return text
        }
        func function(
            _ name: String, _ flag: String, _ lengths: [Int64], _ align: Int64
        ) throws(UsageError) -> String {
            var parts = try lengths.map { part throws(UsageError) in try length(flag, part) }
            if align != 0 { parts.append(try length("--align", align)) }
            return "TABLE(\(name)(TABLE \(input.name), DESCRIPTOR(\(rowtime)), \(parts.joined(separator: ", "))))"
        }
        source = input.name
        switch window {
        case .tumbling(let size, let align):
            guard !updates else {
                try self.group("TUMBLE", [try length("--tumbling", size)], rowtime, align)
                return
            }
            source = try function("TUMBLE", "--tumbling", [size], SQLText.floorRemainder(align, size))
        case .hopping(let size, let step, let align):
            let part = Self.greatestCommonDivisor(size, step)
            if updates || step > size || size % step != 0 && part % 1_000_000 != 0 {
                try self.group(
                    "HOP", [try length("--every", step), try length("--hopping", size)], rowtime, align)
                return
            }
            source = try function("HOP", "--hopping", [part, size], SQLText.floorRemainder(align, part))
            guard part != step else { return }
            // Windows at every common divisor, of which those at a step remain.
            let shift = SQLText.floorRemainder(align, step) / 1_000_000
            condition =
                "MOD(TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', window_start) - \(shift), "
                + "\(step / 1_000_000)) = 0"
            notes.append(Difference("--every", "\(step / part) times as many windows are held in memory"))
        case .cumulative(let max, let step, let align):
            guard !updates else { throw Self.noUpdates("--cumulative") }
            source = try function("CUMULATE", "--cumulative", [step, max], SQLText.floorRemainder(align, max))
        case .session(let gap):
            guard !updates else { throw Self.noUpdates("--session") }
            let quoted = keys.map(FlinkText.quoted).joined(separator: ", ")
            let partition = keys.isEmpty ? "" : " PARTITION BY (\(quoted))"
            source =
                "TABLE(SESSION(TABLE \(input.name)\(partition), DESCRIPTOR(\(rowtime)), "
                + "\(try length("--session", gap))))"
        case .calendar(let unit, let align):
            guard !updates else { throw Self.noUpdates("--calendar") }
            let size: Int64
            var shift = align
            switch unit {
            case .hour: size = 3_600_000_000
            case .day: size = 86_400_000_000
            case .week:
                size = 7 * 86_400_000_000
                // 1970-01-05 was a Monday.
                shift += 4 * 86_400_000_000
            case .month, .quarter, .year:
                throw .refusal(
                    FlinkSQL.name, "--calendar \(unit.rawValue)",
                    "job has no windows of a \(unit.rawValue): groups by DATE_FORMAT never close",
                    "use --calendar week or day, and add the rows up where they are read")
            }
            source = try function("TUMBLE", "--calendar", [size], SQLText.floorRemainder(shift, size))
        case .rows:
            throw .refusal(
                FlinkSQL.name, "--rows", "job has no windows of a number of records", "use --tumbling or --session")
        case .all:
            (start, end, time) = ("", "", nil)
            group = []
        }
    }

    private static func noUpdates(_ flag: String) -> UsageError {
        .refusal(
            FlinkSQL.name, flag, "job cannot correct such a window, or print it early",
            "use --tumbling or --hopping, or remove --lateness and --early")
    }

    /// The older group windows, which have every step and can be corrected.
    private mutating func group(
        _ function: String, _ lengths: [String], _ rowtime: String, _ align: Int64
    ) throws(UsageError) {
        guard align == 0 else {
            throw .refusal(FlinkSQL.name, "--align", "job cannot shift such windows", "remove it")
        }
        let arguments = ([rowtime] + lengths).joined(separator: ", ")
        start = "\(function)_START(\(arguments))"
        end = "\(function)_END(\(arguments))"
        time = "\(function)_ROWTIME(\(arguments))"
        group = ["\(function)(\(arguments))"]
    }

    private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
        var (a, b) = (a, b)
        while b > 0 { (a, b) = (b, a % b) }
        return a
    }
}
