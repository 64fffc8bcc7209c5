import Plan
import StreamEngine

/// How records are put into windows.
struct SparkWindows {
    /// The calls before the groups.
    var calls: [String] = []
    /// What is grouped by besides the keys; nil for nothing.
    var group: [String] = []
    /// The bounds, as they are selected.
    var start = "window_start"
    var end = "window_end"
    /// A column that has no meaning but is needed, as Spark has no sessions over all records.
    var constant: String?
    /// The structure with both bounds, of which Spark knows when it closes; nil if the bounds are columns.
    var structure: String?

    /// Whether windows of this kind close only at the end of the input.
    static func needsEnd(_ window: WindowSpec, isUTC: Bool) -> Bool {
        switch window {
        case .tumbling, .hopping, .session: false
        case .calendar(.hour, _): !isUTC
        case .calendar(.day, _), .calendar(.week, _): !isUTC
        default: true
        }
    }

    /// - Parameters:
    ///   - free: a name that no column has.
    ///   - keys: whether there are group keys.
    init(
        _ window: WindowSpec, time: String, isUTC: Bool, hasKeys: Bool, free: (String) -> String
    ) throws(UsageError) {
        func text(_ length: Int64) -> String { PythonText.string(SparkText.duration(length)) }
        let column = SparkText.python(time)
        let (first, second) = (free("window_start"), free("window_end"))
        func bounds(_ start: String, _ end: String) {
            calls.append("withColumn(\"\(first)\", \(SparkText.column(start)))")
            calls.append("withColumn(\"\(second)\", \(SparkText.column(end)))")
            group = [
                SparkText.column(first, named: "window_start"), SparkText.column(second, named: "window_end"),
            ]
        }
        func function(_ size: Int64, _ step: Int64, _ align: Int64) {
            var arguments = [column, text(size)]
            if step != size { arguments.append(text(step)) }
            let shift = SQLText.floorRemainder(align, step)
            if shift != 0 { arguments.append("startTime=\(text(shift))") }
            structure(named: free("window"), "F.window(\(arguments.joined(separator: ", ")))")
        }
        switch window {
        case .tumbling(let size, let align): function(size, size, align)
        case .hopping(let size, let step, let align):
            guard step <= size else {
                throw .refusal(
                    PySpark.name, "--every", "job has no gaps between windows",
                    "use --every of at most the --hopping size")
            }
            function(size, step, align)
        case .session(let gap):
            structure(named: free("session_window"), "F.session_window(\(column), \(text(gap)))")
            if !hasKeys { constant = free("all_") }
        case .cumulative(let max, let step, let align):
            let micros = "unix_micros(\(time))"
            let shifted = align == 0 ? micros : "\(micros) - \(align)"
            bounds(
                "timestamp_micros(\(micros) - pmod(\(shifted), \(max)))",
                "explode(transform(sequence(1, \(max / step)), "
                    + "n -> timestamp_micros(unix_micros(\(first)) + n * \(step))))")
            calls.append("where(\(SparkText.python("\(time) < \(second)")))")
        case .calendar(let unit, let align):
            if isUTC, !Self.needsEnd(window, isUTC: isUTC) {
                let hour: Int64 = 3_600_000_000
                switch unit {
                case .hour: function(hour, hour, align)
                case .day: function(24 * hour, 24 * hour, align)
                // 1970-01-05 was a Monday.
                default: function(7 * 24 * hour, 7 * 24 * hour, align + 4 * 24 * hour)
                }
                return
            }
            let shift = align == 0 ? "" : " INTERVAL \(SparkText.duration(align))"
            let before = align == 0 ? time : "\(time) -\(shift)"
            let after = align == 0 ? "" : " +\(shift)"
            let name = unit.rawValue
            let length = unit == .quarter ? "3 month" : "1 \(name)"
            let end =
                align == 0
                ? "\(first) + INTERVAL \(length)" : "\(first) -\(shift) + INTERVAL \(length)\(after)"
            bounds("date_trunc('\(name.uppercased())', \(before))\(after)", end)
        case .rows:
            throw .refusal(
                PySpark.name, "--rows", "job has no windows of a number of records", "use --tumbling or --session")
        case .all: break
        }
    }

    private mutating func structure(named name: String, _ function: String) {
        let usual = function.hasPrefix("F.session") ? "session_window" : "window"
        group = [name == usual ? function : "\(function).alias(\(PythonText.string(name)))"]
        structure = name
        start = "\(SparkText.quoted(name)).start"
        end = "\(SparkText.quoted(name)).end"
    }
}
