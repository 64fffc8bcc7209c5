import Foundation

@testable import StreamEngine

/// A run as plainly as it can be said: dictionaries, every window looked at for every record.
struct Model {
    let window: WindowSpec
    let keyNames: [String]
    let hasTime: Bool
    let delay: Int64?
    let lateness: Int64
    let fills: FillMode

    private(set) var lines: [String] = []
    private(set) var figures = AccountFigures()

    private struct Window: Hashable, Comparable {
        var start: Int64
        var end: Int64
        static func < (left: Window, right: Window) -> Bool { (left.end, left.start) < (right.end, right.start) }
    }

    private struct Group {
        var state = ModelState()
        var revisions = 0
        var isPrinted = false
    }

    private struct Session {
        var start: Int64
        var last: Int64
        var group = Group()
    }

    private struct Row {
        var window: Window
        var key: [ModelKey]
        var columns: [(name: String, json: String)]
        var revision: Int
    }

    private var windows: [Window: [[ModelKey]: Group]] = [:]
    private var sessions: [[ModelKey]: [Session]] = [:]
    private var counted: [[ModelKey]: [(value: ModelValue, time: Int64, order: Int)]] = [:]
    private var lastFilled: [[ModelKey]: Int64] = [:]
    /// The groups that had a row, and the end of the last window that closed.
    private var seen: Set<[ModelKey]> = []
    private var lastClosed: Int64?
    private var watermark = Int64.min
    private var maxTime = Int64.min

    init(_ window: WindowSpec, keyNames: [String], hasTime: Bool, delay: Int64?, lateness: Int64, fills: FillMode) {
        self.window = window
        self.keyNames = keyNames
        self.hasTime = hasTime
        self.delay = delay
        self.lateness = lateness
        self.fills = fills
    }

    mutating func run(_ records: [ModelRecord]) {
        for (order, record) in records.enumerated() {
            figures.records += 1
            if record.isMalformed {
                figures.rejected += 1
                continue
            }
            if record.isFiltered {
                figures.filtered += 1
            } else if hasTime, record.time == nil {
                figures.rejected += 1
                continue
            } else {
                add(record, order)
            }
            if hasTime, let time = record.time, time > maxTime {
                maxTime = time
                if let delay { watermark = max(watermark, time - delay) }
            }
            close()
        }
        if fills == .all, maxTime > Int64.min {
            watermark = max(watermark, maxTime - (delay ?? 0))
            close()
        }
        watermark = Int64.max
        close()
        if window == .all, keyNames.isEmpty, figures.inWindow == 0 {
            // The whole input has its row even when it has no records.
            print([Row(window: Window(start: 0, end: 0), key: [], columns: ModelState().columns, revision: 0)])
        }
        if case .rows(let count, let every) = window {
            let unfinished = counted.filter { $0.value.count % every != 0 }.map(\.key)
            print(unfinished.compactMap { rowOf($0, count: count, every: every) })
        }
    }

    private mutating func add(_ record: ModelRecord, _ order: Int) {
        let key = record.keys.map(\.key)
        let time = hasTime ? record.time ?? 0 : 0
        switch window {
        case .rows(let count, let every):
            counted[key, default: []].append((record.value, time, order))
            let number = counted[key, default: []].count
            // Is it in the window that ends at the next multiple of `every`?
            let end = (number + every - 1) / every * every
            if number > end - count { figures.inWindow += 1 } else { figures.inNoWindow += 1 }
            if number == end, let row = rowOf(key, count: count, every: every) { print([row]) }
        case .session(let gap):
            addToSession(key, record, time, order, gap)
        default:
            let all = Model.windows(of: window, covering: time).map { Window(start: $0.0, end: $0.1) }
            let alive = all.filter { plus($0.end, lateness) > watermark }
            if all.isEmpty {
                figures.inNoWindow += 1
            } else if alive.isEmpty {
                figures.late += 1
            } else {
                figures.inWindow += 1
                figures.latePairs += all.count - alive.count
            }
            var corrections: [Row] = []
            for window in alive {
                windows[window, default: [:]][key, default: Group()].state.add(record.value, time: time, order: order)
                if window.end <= watermark {
                    corrections.append(takeRow(window, key))
                    seen.insert(key)
                }
            }
            print(corrections)
        }
    }

    private mutating func takeRow(_ window: Window, _ key: [ModelKey]) -> Row {
        let group = windows[window]?[key] ?? Group()
        windows[window]?[key]?.revisions += 1
        return Row(window: window, key: key, columns: group.state.columns, revision: group.revisions)
    }

    private mutating func addToSession(
        _ key: [ModelKey], _ record: ModelRecord, _ time: Int64, _ order: Int, _ gap: Int64
    ) {
        var touched = Session(start: time, last: time)
        var others: [Session] = []
        var touches = false
        for session in sessions[key] ?? [] where plus(session.last + gap, lateness) > watermark {
            guard time >= session.start - gap, time <= session.last + gap else {
                others.append(session)
                continue
            }
            touches = true
            touched.start = min(touched.start, session.start)
            touched.last = max(touched.last, session.last)
            touched.group.state.merge(session.group.state)
            touched.group.revisions = max(touched.group.revisions, session.group.revisions)
        }
        guard touches || plus(time + gap, lateness) > watermark else {
            figures.late += 1
            return
        }
        figures.inWindow += 1
        touched.group.state.add(record.value, time: time, order: order)
        if touched.last + gap <= watermark {
            touched.group.isPrinted = true
            print([row(key, touched, gap)])
            touched.group.revisions += 1
        }
        sessions[key] = others + [touched]
    }

    private func row(_ key: [ModelKey], _ session: Session, _ gap: Int64) -> Row {
        Row(
            window: Window(start: session.start, end: session.last + gap), key: key,
            columns: session.group.state.columns, revision: session.group.revisions)
    }

    private mutating func close() {
        var due: [Row] = []
        if case .session(let gap) = window {
            for (key, list) in sessions {
                for number in list.indices where list[number].last + gap <= watermark && !list[number].group.isPrinted {
                    due.append(row(key, list[number], gap))
                    sessions[key]?[number].group.isPrinted = true
                    sessions[key]?[number].group.revisions += 1
                }
                sessions[key]?.removeAll { plus($0.last + gap, lateness) <= watermark }
            }
        }
        if fills == .all { completeWindows() }
        for (window, groups) in windows where window.end <= watermark {
            for (key, group) in groups where !group.isPrinted && group.revisions == 0 {
                due.append(takeRow(window, key))
            }
            if plus(window.end, lateness) <= watermark { windows[window] = nil }
        }
        if fills == .gaps { due = due.sorted { $0.window < $1.window }.flatMap { withGap(before: $0) } }
        print(due)
    }

    /// Gives every window that closes now, also an empty one, all groups that had a row.
    private mutating func completeWindows() {
        func complete(_ window: Window) {
            seen.formUnion((windows[window] ?? [:]).keys)
            for key in seen where windows[window]?[key] == nil { windows[window, default: [:]][key] = Group() }
            lastClosed = window.end
        }
        func fill(_ isWanted: (Window) -> Bool) {
            while let end = lastClosed {
                let next = Model.windows(of: window, covering: end)[0]
                guard isWanted(Window(start: next.0, end: next.1)) else { return }
                complete(Window(start: next.0, end: next.1))
            }
        }
        let due = windows.filter { $0.key.end <= watermark && $0.value.values.contains { $0.revisions == 0 } }.keys
        for window in due.sorted() {
            fill { $0.start < window.start }
            complete(window)
        }
        if watermark < Int64.max { fill { $0.end <= watermark } }
    }

    /// The row, after those of the windows since the group's last row.
    private mutating func withGap(before row: Row) -> [Row] {
        defer { lastFilled[row.key] = row.window.end }
        var rows: [Row] = []
        if var end = lastFilled[row.key] {
            while end < row.window.start {
                let next = Model.windows(of: window, covering: end)[0]
                let empty = Window(start: next.0, end: next.1)
                rows.append(Row(window: empty, key: row.key, columns: ModelState().columns, revision: 0))
                end = next.1
            }
        }
        return rows + [row]
    }

    private func rowOf(_ key: [ModelKey], count: Int, every: Int) -> Row? {
        let records = counted[key] ?? []
        let end = (records.count + every - 1) / every * every
        let covered = records[min(records.count, max(0, end - count))...]
        guard !covered.isEmpty else { return nil }
        var state = ModelState()
        for record in covered { state.add(record.value, time: record.time, order: record.order) }
        return Row(window: Window(start: 0, end: 0), key: key, columns: state.columns, revision: 0)
    }

    private mutating func print(_ rows: [Row]) {
        let sorted = rows.sorted { left, right in
            if left.window != right.window { return left.window < right.window }
            return left.key.lexicographicallyPrecedes(right.key)
        }
        for row in sorted {
            var members = zip(keyNames, row.key).map { "\(quoted($0)):\($1.json)" }
            if window.isTimed {
                members.append("\"window_start\":\"\(timeText(row.window.start))\"")
                members.append("\"window_end\":\"\(timeText(row.window.end))\"")
            }
            members += row.columns.map { "\(quoted($0.name)):\($0.json)" }
            if lateness > 0 { members.append("\"revision\":\(row.revision)") }
            lines.append("{" + members.joined(separator: ",") + "}")
            figures.rows += 1
        }
    }
}

extension Model {
    /// Every window that covers a time, found by looking.
    static func windows(of window: WindowSpec, covering time: Int64) -> [(Int64, Int64)] {
        switch window {
        case .all: return [(Int64.min, Int64.max)]
        case .tumbling(let size, let align): return [covering(time, size, align)]
        case .hopping(let size, let step, let align):
            var result: [(Int64, Int64)] = []
            var start = covering(time, step, align).0
            while start + size > time {
                result.append((start, start + size))
                start -= step
            }
            return result.reversed()
        case .cumulative(let most, let step, let align):
            let start = covering(time, most, align).0
            return stride(from: start + step, through: start + most, by: Int64.Stride(step))
                .filter { $0 > time }.map { (start, $0) }
        case .calendar(let unit, _): return [calendarWindow(unit, time)]
        case .session, .rows: return []
        }
    }

    private static func covering(_ time: Int64, _ length: Int64, _ align: Int64) -> (Int64, Int64) {
        let number = Int64((Double(time - align) / Double(length)).rounded(.down))
        return (number * length + align, (number + 1) * length + align)
    }

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .gmt
        return calendar
    }()

    private static func calendarWindow(_ unit: CalendarUnit, _ time: Int64) -> (Int64, Int64) {
        let second = (Double(time) / 1e6).rounded(.down)
        let date = Date(timeIntervalSince1970: second)
        func micros(_ date: Date) -> Int64 { Int64(date.timeIntervalSince1970) * 1_000_000 }
        let component: Calendar.Component =
            switch unit {
            case .hour: .hour
            case .day: .day
            case .week: .weekOfYear
            case .month, .quarter: .month
            case .year: .year
            }
        guard let interval = calendar.dateInterval(of: component, for: date) else { return (0, 0) }
        guard unit == .quarter else { return (micros(interval.start), micros(interval.end)) }
        let month = calendar.component(.month, from: date)
        let start = calendar.date(byAdding: .month, value: -((month - 1) % 3), to: interval.start) ?? interval.start
        let end = calendar.date(byAdding: .month, value: 3, to: start) ?? start
        return (micros(start), micros(end))
    }
}

/// A sum that stops at the end of the range.
private func plus(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? Int64.max : sum
}

/// A time as rows have it.
func timeText(_ time: Int64) -> String {
    var buffer = ByteBuffer()
    buffer.append(time: time)
    return buffer.text
}
