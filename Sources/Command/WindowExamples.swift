import StreamEngine

/// Says in words what windows a query has, with those of an example record.
struct WindowExamples {
    /// The kind of windows, with the flags that made it.
    private(set) var kind = ""
    private(set) var lines: [String] = []

    /// 2026-01-01T10:07:31Z, a time that is on no edge.
    private static let example: Int64 = 1_767_262_051_000_000

    init(_ query: Query) {
        switch query.window {
        case .all:
            kind = "one over the whole input"
        case .tumbling(let size, let align):
            kind = "tumbling \(DurationText.text(size))" + shift(align)
            addTumbling(size, align)
        case .hopping(let size, let step, let align):
            kind = "hopping \(DurationText.text(size)) every \(DurationText.text(step))" + shift(align)
            addHopping(size, step, align)
        case .cumulative(let max, let step, let align):
            kind = "cumulative up to \(DurationText.text(max)) every \(DurationText.text(step))" + shift(align)
            addCumulative(max, step, align)
        case .session(let gap):
            kind =
                "sessions: one for each burst of a group, ended by more than "
                + "\(DurationText.text(gap)) without records"
            lines = ["A record at \(clock(Self.example)) alone is in \(bounds(Self.example, Self.example &+ gap))."]
        case .rows(let count, let every):
            kind = "the last \(count) records of a group, whenever \(every) more have come"
        case .calendar(let unit, let align):
            kind = "one for each \(unit.rawValue) of the calendar in \(query.zone.name) (--time-zone)" + shift(align)
            let window = CalendarCut(unit: unit, zone: query.zone, align: align).window(containing: Self.example)
            add([(window.start, window.end)])
        }
    }

    private func shift(_ align: Int64) -> String { align == 0 ? "" : ", edges moved by \(DurationText.text(align))" }

    private mutating func addTumbling(_ size: Int64, _ align: Int64) {
        let start = floor(Self.example, size, align)
        add([(start, start &+ size)])
    }

    private mutating func addHopping(_ size: Int64, _ step: Int64, _ align: Int64) {
        if step > size { lines.append("Records between two windows are in none; they are counted apart.") }
        let last = floor(Self.example, step, align)
        let total = size > Self.example &- last ? (size &- (Self.example &- last) &- 1) / step &+ 1 : 0
        var windows: [(Int64, Int64)] = []
        var start = last &- (total &- 1) &* step
        while start <= last, windows.count < min(3, Int(total)) {
            windows.append((start, start &+ size))
            start &+= step
        }
        add(windows, of: total)
    }

    private mutating func addCumulative(_ max: Int64, _ step: Int64, _ align: Int64) {
        let start = floor(Self.example, max, align)
        var windows: [(Int64, Int64)] = []
        var end = floor(Self.example, step, align) &+ step
        while end <= start &+ max, windows.count < 3 {
            windows.append((start, end))
            end &+= step
        }
        add(windows, of: (start &+ max &- floor(Self.example, step, align)) / step)
    }

    private mutating func add(_ windows: [(start: Int64, end: Int64)], of total: Int64 = 1) {
        guard let first = windows.first else { return }
        let shown = windows.map { bounds($0.start, $0.end) }.joined(separator: ", ")
        let more = total > Int64(windows.count) ? ", … (\(total) in all)" : ""
        lines.append("A record at \(clock(Self.example)) is in \(shown)\(more).")
        lines.append("The first of these closes when the watermark reaches \(clock(first.end)).")
    }

    private func floor(_ time: Int64, _ size: Int64, _ align: Int64) -> Int64 {
        guard size > 0 else { return time }
        let rest = (time &- align) % size
        return time &- (rest < 0 ? rest &+ size : rest)
    }

    private func bounds(_ start: Int64, _ end: Int64) -> String { "[\(clock(start)), \(clock(end)))" }

    private func clock(_ time: Int64) -> String {
        var buffer = ByteBuffer()
        buffer.append(time: time)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }
}
