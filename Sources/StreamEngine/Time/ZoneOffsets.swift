/// The offsets of a time zone from UTC, as a table of the instants at which they change.
///
/// Before the first change, the first offset applies. If the table spans 400 Gregorian years, the last 400 years repeat
/// after the last change, because daylight saving rules repeat with the calendar. A shorter table belongs to a zone
/// that no longer changes, so its last offset applies forever.
package struct ZoneOffsets: Sendable {
    package static let utc = ZoneOffsets(name: "UTC", offsets: [(from: Int64.min, offset: 0)])

    package let name: String
    package let isUTC: Bool
    /// Instants in microseconds, ascending; the first is Int64.min.
    private let starts: [Int64]
    /// Offsets in microseconds east of UTC, each from the instant of the same index.
    private let offsets: [Int64]
    /// The abbreviations of the offsets, such as `CET`, those used last first. Offsets in microseconds east of UTC.
    private let abbreviations: [(name: [UInt8], offset: Int64)]
    private let largest: Int64
    private let repeats: Bool

    /// An interval with one offset: start <= t < end, microseconds.
    struct Segment: Equatable {
        var start: Int64
        var end: Int64
        var offset: Int64
    }

    /// - Parameter offsets: `from` in seconds since 1970, ascending, the first Int64.min; `offset` in seconds east of
    ///   UTC. The offset of the first entry applies to all time before it. No entries mean UTC.
    /// - Parameter abbreviations: names of offsets, those used last first; `offset` in seconds east of UTC. Repeated
    ///   ones, and those that are not words, are ignored.
    package init(
        name: String, offsets: [(from: Int64, offset: Int32)], abbreviations: [(name: String, offset: Int32)] = []
    ) {
        var starts: [Int64] = []
        var values: [Int64] = []
        for entry in offsets.sorted(by: { $0.from < $1.from }) {
            let start = starts.isEmpty ? Int64.min : saturatingMultiply(entry.from, Microseconds.second)
            let value = Int64(entry.offset) &* Microseconds.second
            // Ignore a change of the abbreviation alone.
            if let last = values.last, last == value { continue }
            starts.append(start)
            values.append(value)
        }
        self.name = name
        isUTC = name == "UTC"
        var names: [(name: [UInt8], offset: Int64)] = []
        for entry in abbreviations where entry.name.utf8.allSatisfy({ Ascii.isLetter($0) }) {
            let named = (name: Array(entry.name.utf8), offset: Int64(entry.offset) &* Microseconds.second)
            if !names.contains(where: { $0 == named }) { names.append(named) }
        }
        self.abbreviations = names
        self.starts = starts.isEmpty ? [Int64.min] : starts
        self.offsets = values.isEmpty ? [0] : values
        largest = values.max() ?? 0
        // The second condition (the table goes beyond the year 2370) keeps the arithmetic with whole cycles in range.
        repeats =
            starts.count > 2 && saturatingSubtract(starts[starts.count - 1], starts[1]) >= Microseconds.cycle
            && starts[starts.count - 1] >= Microseconds.cycle
    }

    /// Microseconds to add to UTC for the local time at `time` (microseconds since 1970).
    package func offset(at time: Int64) -> Int64 {
        starts.count == 1 ? offsets[0] : segment(containing: time).offset
    }

    /// The local clock at the instant `time`, as if it were UTC.
    package func local(fromUTC time: Int64) -> Int64 { saturatingAdd(time, offset(at: time)) }

    /// The first instant at which the local clock shows `local` or later: the earlier instant if the local time occurs
    /// twice, and the instant of the change if the local time is skipped.
    package func utc(fromLocal local: Int64) -> Int64 {
        // A local time that saturated at an end of Int64 maps to that end.
        if local == Int64.min || local == Int64.max { return local }
        if starts.count == 1 { return saturatingSubtract(local, offsets[0]) }
        // The local clock cannot show `local` before this instant.
        var segment = segment(containing: saturatingSubtract(local, largest))
        while true {
            let instant = max(segment.start, saturatingSubtract(local, segment.offset))
            if instant < segment.end || segment.end == Int64.max { return instant }
            segment = self.segment(containing: segment.end)
        }
    }

    /// The instant at which a clock of the marked zone shows `local`; nil for a name that this zone does not use.
    func utc(fromLocal local: Int64, _ mark: ZoneMark) -> Int64? {
        switch mark {
        case .local: utc(fromLocal: local)
        case .shift(let shift): saturatingSubtract(local, shift)
        case .name(let name): offset(named: name, at: local).map { saturatingSubtract(local, $0) }
        }
    }

    /// The offset with this abbreviation, microseconds east of UTC. If there are several, the one in use when the local
    /// clock shows `local`.
    func offset(named name: UnsafeRawBufferPointer, at local: Int64) -> Int64? {
        var found: Int64?
        for entry in abbreviations where entry.name.elementsEqual(name) {
            if offset(at: saturatingSubtract(local, entry.offset)) == entry.offset { return entry.offset }
            found = found ?? entry.offset
        }
        return found
    }

    /// The interval around `time` with one offset. Intervals cover all time without gaps.
    func segment(containing time: Int64) -> Segment {
        let last = starts.count - 1
        guard repeats, time >= starts[last] else {
            let index = index(of: time)
            return Segment(
                start: starts[index], end: index < last ? starts[index + 1] : Int64.max, offset: offsets[index])
        }
        // Move back by whole cycles, into the 400 years that end with the last change of the table.
        let end = starts[last]
        let begin = end &- Microseconds.cycle
        let shift = (saturatingSubtract(time, end) / Microseconds.cycle &+ 1) &* Microseconds.cycle
        let index = index(of: time &- shift)
        return Segment(
            start: saturatingAdd(max(starts[index], begin), shift),
            end: saturatingAdd(min(index < last ? starts[index + 1] : end, end), shift),
            offset: offsets[index])
    }

    /// The last entry that starts at or before `time`.
    private func index(of time: Int64) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= time { low = middle } else { high = middle }
        }
        return low
    }
}

extension ZoneOffsets {
    /// The zone with a fixed offset from UTC, such as `+02:00`, `-0530` or `+02`; nil for any other text.
    package static func fixed(_ text: String) -> ZoneOffsets? {
        let bytes = Array(text.utf8)
        let found = bytes.withUnsafeBytes { RFC3339.numericZone($0, from: 0) }
        guard let found, found.end == bytes.count else { return nil }
        let seconds = found.shift / Microseconds.second
        return seconds == 0
            ? .utc : ZoneOffsets(name: text, offsets: [(from: .min, offset: Int32(truncatingIfNeeded: seconds))])
    }
}
