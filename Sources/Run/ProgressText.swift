import StreamEngine

/// How far a run is, in a few words: its counts, and its rates over the last seconds.
struct ProgressText {
    /// The time over which rates are averaged, microseconds.
    private static let rateSpan: Int64 = 3_000_000

    private let start: Int64
    /// Earlier counts, the oldest first.
    private var history: [(time: Int64, records: Int, bytes: Int)]

    /// - Parameter start: when the run has begun, microseconds.
    init(_ start: Int64) {
        self.start = start
        history = [(start, 0, 0)]
    }

    /// The most important parts first.
    mutating func parts(_ statistics: RunStatistics, _ now: Int64) -> [String] {
        history.append((now, statistics.records, statistics.bytes))
        while history.count > 2, history[1].time <= now &- Self.rateSpan { history.removeFirst() }
        if let share = statistics.replayed { return ["reads again what open windows hold: \(Percent.text(share))"] }
        var parts = ["\(Self.short(statistics.records)) record\(statistics.records == 1 ? "" : "s")"]
        if let share = statistics.share {
            parts.append(Percent.text(share))
            if share > 0, share < 1 {
                let left = Double(now &- start) * (1 - share) / share
                parts.append("\(Self.duration(left / 1e6)) left")
            }
        }
        if let lag = statistics.lag, lag > 0 { parts.append("\(Self.short(lag)) behind") }
        let since = history[0]
        let span = Double(max(1, now &- since.time)) / 1e6
        parts.append("\(Self.short(Int(Double(statistics.records &- since.records) / span)))/s")
        parts.append(Self.bytes(Double(statistics.bytes &- since.bytes) / span) + "/s")
        if statistics.late > 0 { parts.append("\(Self.short(statistics.late)) late") }
        if statistics.rejectedCount > 0 { parts.append("\(Self.short(statistics.rejectedCount)) rejected") }
        if statistics.rows > 0 { parts.append("\(Self.short(statistics.rows)) rows") }
        if let watermark = statistics.watermark {
            var buffer = ByteBuffer()
            buffer.append(time: watermark &- floorRemainder(watermark, 1_000_000))
            parts.append("watermark \(buffer.text)")
        }
        return parts
    }

    /// A count with three digits or so: 12.3M.
    static func short(_ number: Int) -> String { scaled(Double(number), "") }

    /// 310 MB, in powers of 1000.
    static func bytes(_ number: Double) -> String { scaled(number, " ") + "B" }

    private static func scaled(_ number: Double, _ space: String) -> String {
        var value = number
        for unit in ["", "k", "M", "G"] {
            guard value >= 999.5 else { return (unit.isEmpty ? "\(Int(value))" : digits(value)) + space + unit }
            value /= 1000
        }
        return digits(value) + space + "T"
    }

    private static func digits(_ value: Double) -> String {
        if value >= 99.95 { return "\(Int(value.rounded()))" }
        let places = value >= 9.995 ? 10.0 : 100.0
        return "\((value * places).rounded() / places)"
    }

    /// Seconds as people say them: 12 s, 3 min, 2 h.
    static func duration(_ seconds: Double) -> String {
        if seconds < 99.5 { return "\(Int(seconds.rounded())) s" }
        if seconds < 5970 { return "\(Int((seconds / 60).rounded())) min" }
        return "\(Int(min(seconds / 3600, 1e9).rounded())) h"
    }
}
