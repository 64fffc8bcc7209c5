import Testing

@testable import StreamEngine

struct CalendarTests {
    private static func zones() throws -> [ZoneOffsets] {
        try goldenRows("calendar.tsv").filter { $0[0] == "Z" }.map { row in
            let offsets = row[2...].map { entry in
                let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
                return (from: Int64(parts[0]) ?? .min, offset: Int32(parts[1]) ?? 0)
            }
            return ZoneOffsets(name: row[1], offsets: offsets)
        }
    }

    @Test("windows in eight time zones are those that Python's local clock shows")
    func golden() throws {
        let zones = Dictionary(uniqueKeysWithValues: try Self.zones().map { ($0.name, $0) })
        #expect(zones.count == 8)
        var checked = 0
        for row in try goldenRows("calendar.tsv") where row[0] == "W" {
            let zone = try #require(zones[row[1]])
            let unit = try #require(CalendarUnit(rawValue: row[2]))
            let numbers = row[3...].compactMap { Int64($0) }
            let cut = CalendarCut(unit: unit, zone: zone, align: numbers[0] * Microseconds.second)
            let window = cut.window(containing: numbers[1])
            #expect(
                window == (numbers[2] * Microseconds.second, numbers[3] * Microseconds.second),
                "\(row.joined(separator: " "))")
            checked += 1
        }
        #expect(checked > 2000)
    }

    @Test("windows follow each other without gap or overlap", arguments: CalendarUnit.allCases)
    func partition(unit: CalendarUnit) throws {
        for zone in try Self.zones() + [.utc] {
            for align in [0, 6 * Microseconds.hour, -90 * Microseconds.minute] {
                let cut = CalendarCut(unit: unit, zone: zone, align: align)
                for _ in 0..<20 {
                    var time = Int64.random(in: -3_000_000_000_000_000...20_000_000_000_000_000)
                    for _ in 0..<20 {
                        let window = cut.window(containing: time)
                        let inside = Int64.random(in: window.start..<window.end)
                        let next = cut.window(containing: window.end)
                        guard window.start <= time, time < window.end, cut.window(containing: inside) == window,
                            cut.window(containing: window.start) == window,
                            cut.window(containing: window.end - 1) == window, next.start == window.end
                        else {
                            Issue.record("\(zone.name) \(unit) \(time) \(window)")
                            return
                        }
                        time = window.end
                    }
                }
            }
        }
    }

    @Test("in UTC the units are those of the civil calendar")
    func civil() {
        // Thursday, 2026-11-19T10:20:30Z
        let time: Int64 = 1_795_083_630_000_000
        let windows: [(CalendarUnit, String, String)] = [
            (.hour, "2026-11-19T10:00:00Z", "2026-11-19T11:00:00Z"), (.day, "2026-11-19", "2026-11-20"),
            (.week, "2026-11-16", "2026-11-23"), (.month, "2026-11-01", "2026-12-01"),
            (.quarter, "2026-10-01", "2027-01-01"), (.year, "2026-01-01", "2027-01-01"),
        ]
        for (unit, start, end) in windows {
            let window = CalendarCut(unit: unit, zone: .utc, align: 0).window(containing: time)
            #expect(window.start == Array(start.utf8).withUnsafeBytes { RFC3339.parse($0) })
            #expect(window.end == Array(end.utf8).withUnsafeBytes { RFC3339.parse($0) })
        }
    }

    @Test("the ends of time end", arguments: CalendarUnit.allCases)
    func extremes(unit: CalendarUnit) throws {
        for zone in try Self.zones() + [.utc] {
            for align in [0, Microseconds.day, -Microseconds.day, 40 * Microseconds.week] {
                let cut = CalendarCut(unit: unit, zone: zone, align: align)
                for time in [
                    Int64.min, .min + 1, .min + 500 * Microseconds.day, .max - 500 * Microseconds.day, .max - 1, .max,
                ] {
                    let window = cut.window(containing: time)
                    #expect(window.start <= time)
                    #expect(time < window.end || time == .max)
                }
            }
        }
    }
}

struct ZoneOffsetsTests {
    /// An hour forward at 1 000 000 s, back at 2 000 000 s.
    private let zone = ZoneOffsets(name: "Test", offsets: [(.min, 3600), (1_000_000, 7200), (2_000_000, 3600)])

    @Test("the local clock")
    func local() {
        #expect(zone.offset(at: .min) == 3600 * Microseconds.second)
        #expect(zone.offset(at: 1_000_000 * Microseconds.second - 1) == 3600 * Microseconds.second)
        #expect(zone.offset(at: 1_000_000 * Microseconds.second) == 7200 * Microseconds.second)
        #expect(zone.local(fromUTC: 2_000_000 * Microseconds.second) == 2_003_600 * Microseconds.second)
        #expect(zone.local(fromUTC: .max) == .max)
    }

    @Test("a local time is the first instant at which the clock has come so far")
    func first() {
        for second in (990_000...1_020_000).map(Int64.init) + (1_990_000...2_020_000).map(Int64.init) {
            let local = second * Microseconds.second
            let instant = zone.utc(fromLocal: local)
            #expect(zone.local(fromUTC: instant) >= local)
            // Not shown before: neither just before nor an hour or so earlier.
            for earlier in [1, 1800 * Microseconds.second, 3600 * Microseconds.second, 5000 * Microseconds.second] {
                if zone.local(fromUTC: instant - earlier) >= local { Issue.record("\(second)") }
            }
        }
        #expect(zone.utc(fromLocal: 1_005_000 * Microseconds.second) == 1_000_000 * Microseconds.second)
        #expect(zone.utc(fromLocal: 2_004_000 * Microseconds.second) == 1_996_800 * Microseconds.second)
    }

    @Test("a table of less than 400 years is not repeated")
    func short() {
        #expect(zone.offset(at: .max) == 3600 * Microseconds.second)
        #expect(zone.segment(containing: .max).end == .max)
    }

    @Test("a table of more than 400 years is repeated every 400 years")
    func repeated() {
        // Each year two changes, for 600 years from 1880; in leap years an hour later.
        var offsets: [(from: Int64, offset: Int32)] = [(.min, 0)]
        for year: Int64 in 1880..<2480 {
            let late: Int64 = CivilDate.isLeap(year) ? 3600 : 0
            offsets.append((CivilDate(year: year, month: 4, day: 1).days * 86_400 + late, 3600))
            offsets.append((CivilDate(year: year, month: 10, day: 1).days * 86_400 + late, 0))
        }
        let zone = ZoneOffsets(name: "Long", offsets: offsets)
        for year: Int64 in [2479, 2480, 2481, 2500, 2879, 2880, 2900, 2881, 200_000] {
            let late = CivilDate.isLeap(year) ? Microseconds.hour : 0
            let spring = CivilDate(year: year, month: 4, day: 1).days * Microseconds.day + late
            let autumn = CivilDate(year: year, month: 10, day: 1).days * Microseconds.day + late
            #expect(zone.offset(at: spring - 1) == 0)
            #expect(zone.offset(at: spring) == Microseconds.hour)
            #expect(zone.segment(containing: spring) == .init(start: spring, end: autumn, offset: Microseconds.hour))
            #expect(zone.offset(at: autumn) == 0)
        }
        #expect(zone.offset(at: .min) == 0)
        _ = zone.segment(containing: .max)
    }

    @Test("odd tables do no harm")
    func odd() {
        #expect(ZoneOffsets(name: "", offsets: []).utc(fromLocal: 5) == 5)
        #expect(ZoneOffsets(name: "", offsets: [(7, 60)]).offset(at: 0) == 60 * Microseconds.second)
        let unsorted = ZoneOffsets(name: "", offsets: [(100, 1), (.min, 2), (.max, .min), (50, .max)])
        for time in [Int64.min, -1, 0, 60_000_000, 100_000_000, .max] {
            _ = unsorted.utc(fromLocal: time)
            _ = unsorted.local(fromUTC: time)
            _ = CalendarCut(unit: .day, zone: unsorted, align: 0).window(containing: time)
        }
    }
}
