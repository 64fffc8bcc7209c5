import StreamEngine

/// Describes the windows of a query, with those of an example record.
struct WindowExamples {
    /// The kind of windows, with its parameters.
    private(set) var kind = ""
    private(set) var lines: [String] = []

    /// 2026-01-01T10:07:31Z, which is not on a window boundary.
    private static let example: Int64 = 1_767_262_051_000_000

    init(_ query: Query) {
        switch query.window {
        case .all:
            kind = "one over the whole input"
        case .tumbling(let size, let align):
            kind = "tumbling \(DurationText.text(size))" + shift(align)
        case .hopping(let size, let step, let align):
            kind = "hopping \(DurationText.text(size)) every \(DurationText.text(step))" + shift(align)
            if step > size { lines.append("Records between two windows are in none; they are counted separately.") }
        case .cumulative(let max, let step, let align):
            kind = "cumulative up to \(DurationText.text(max)) every \(DurationText.text(step))" + shift(align)
        case .session(let gap):
            kind =
                "sessions: one per burst in a group, which ends after more than "
                + "\(DurationText.text(gap)) without a record"
            lines = [
                "A single record at \(TimeText.text(Self.example)) is in \(bounds(Self.example, Self.example &+ gap))."
            ]
        case .rows(let count, let every):
            kind = "the last \(count) records of a group, each time \(every) more have arrived"
        case .calendar(let unit, let align):
            kind = "one per calendar \(unit.rawValue) in \(query.zone.name) (--time-zone)" + shift(align)
        }
        add(query.windows(covering: Self.example))
    }

    private func shift(_ align: Int64) -> String {
        align == 0 ? "" : ", boundaries shifted by \(DurationText.text(align))"
    }

    private mutating func add(_ windows: [WindowBounds]) {
        guard let first = windows.first else { return }
        let shown = windows.prefix(3).map { bounds($0.start, $0.end) }.joined(separator: ", ")
        let more = windows.count > 3 ? ", … (\(windows.count) in total)" : ""
        lines.append("A record at \(TimeText.text(Self.example)) is in \(shown)\(more).")
        lines.append("The first of these closes when the watermark reaches \(TimeText.text(first.end)).")
    }

    private func bounds(_ start: Int64, _ end: Int64) -> String { "[\(TimeText.text(start)), \(TimeText.text(end)))" }
}
