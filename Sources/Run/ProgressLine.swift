import Plan
import StreamEngine
import System

/// The line on the terminal that shows how far a run is; without a terminal, a line every ten seconds if it was asked for.
struct ProgressLine {
    /// How often the line is drawn, microseconds.
    static let interval: Int64 = 200_000
    /// A run that takes less than this shows nothing.
    private static let patience: Int64 = 500_000
    private static let plainInterval: Int64 = 10_000_000
    /// The time over which rates are averaged.
    private static let rateSpan: Int64 = 3_000_000

    private let start: Int64
    private let isDrawn: Bool
    private var next: Int64
    /// Earlier counts, the oldest first.
    private var history: [(time: Int64, records: Int, bytes: Int)]

    /// - Parameter start: when the run has begun, microseconds.
    init?(_ plan: Plan, _ start: Int64) {
        let isTerminal = StandardStreams.errorIsTerminal && TransientLine.isSupported
        switch plan.progress {
        case .off: return nil
        case .on: break
        case .automatic:
            guard plan.verbosity != .quiet, isTerminal, !StandardStreams.outputIsTerminal, TransientLine.claim() else {
                return nil
            }
        }
        self.start = start
        history = [(start, 0, 0)]
        isDrawn = isTerminal
        next = start &+ (isTerminal ? Self.patience : Self.plainInterval)
    }

    func isDue(_ now: Int64) -> Bool { now >= next }

    mutating func show(_ statistics: RunStatistics, _ now: Int64) {
        next = now &+ (isDrawn ? Self.interval : Self.plainInterval)
        history.append((now, statistics.records, statistics.bytes))
        while history.count > 2, history[1].time <= now &- Self.rateSpan { history.removeFirst() }
        if isDrawn {
            TransientLine.draw(Self.fit(parts(statistics, now), TransientLine.width))
        } else {
            StandardStreams.writeError(Diagnostics.line(parts(statistics, now).joined(separator: ", ")))
        }
    }

    func end() { if isDrawn { TransientLine.erase() } }

    /// The most important first.
    private func parts(_ statistics: RunStatistics, _ now: Int64) -> [String] {
        if let share = statistics.replayed { return ["reads again what open windows hold: \(Percent.text(share))"] }
        var parts = ["\(Self.short(statistics.records)) records"]
        if let share = statistics.share {
            parts.append(Percent.text(share))
            if share > 0, share < 1 {
                let left = Double(now &- start) * (1 - share) / share
                parts.append("\(Self.duration(left / 1e6)) left")
            }
        }
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

    /// As many parts as there is room for.
    static func fit(_ parts: [String], _ width: Int) -> String {
        var text = "streamctl: "
        for (number, part) in parts.enumerated() {
            let next = number == 0 ? part : ", " + part
            // The last column would wrap on some terminals.
            guard text.utf8.count + next.utf8.count < width else { break }
            text += next
        }
        return text
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
