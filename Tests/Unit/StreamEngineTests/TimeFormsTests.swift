import Testing

@testable import StreamEngine

private let berlin = ZoneOffsets(
    name: "Europe/Berlin",
    offsets: [(.min, 3600), (1_761_440_400, 3600), (1_774_746_000, 7200), (1_792_890_000, 3600)],
    abbreviations: [("CET", 3600), ("CEST", 7200), ("CET", 3600), ("+01", 3600)])

private func read(
    _ text: String, _ format: TimeFormat = .auto, zone: ZoneOffsets = .utc, year: Int64? = nil, kind: Kind = .string
) -> TimeReading {
    var reader = TimeReader(format, zone: zone, year: year)
    return Array(text.utf8).withUnsafeBytes { reader.read(Value($0, kind: kind)) }
}

private func time(_ text: String) -> TimeReading {
    Array(text.utf8).withUnsafeBytes { RFC3339.parse($0) }.map { .time($0) } ?? .none
}

@Suite("forms of times") struct TimeFormsTests {
    @Test(
        "auto reads the forms whose order is certain",
        arguments: [
            ("2026/02/03 07:08:09", "2026-02-03T07:08:09Z"), ("2026/02/03 07:08:09.25", "2026-02-03T07:08:09.25Z"),
            ("2026/2/3 7:08:09", "2026-02-03T07:08:09Z"), ("2026/02/03T07:08:09+01:00", "2026-02-03T06:08:09Z"),
            ("2026/02/03", "2026-02-03"), ("2026/02/03 07:08", "2026-02-03T07:08Z"),
            ("2026-02-03 07:08:09,123", "2026-02-03T07:08:09.123Z"), ("2026-02-03  07:08:09", "2026-02-03T07:08:09Z"),
            ("20260203T070809Z", "2026-02-03T07:08:09Z"), ("20260203T070809.5+0100", "2026-02-03T06:08:09.5Z"),
            ("20260203T0708Z", "2026-02-03T07:08Z"), ("20260203 07:08:09", "2026-02-03T07:08:09Z"),
            ("20260203070809Z", "2026-02-03T07:08:09Z"), ("20260203070809.123Z", "2026-02-03T07:08:09.123Z"),
            ("03/Feb/2026:07:08:09 +0000", "2026-02-03T07:08:09Z"),
            ("[03/Feb/2026:07:08:09 +0100]", "2026-02-03T06:08:09Z"),
            ("03/Feb/2026:07:08:09.123 -0530", "2026-02-03T12:38:09.123Z"),
            ("03/Feb/2026 07:08:09", "2026-02-03T07:08:09Z"), ("3-Feb-2026 07:08:09", "2026-02-03T07:08:09Z"),
            ("Tue, 03 Feb 2026 07:08:09 GMT", "2026-02-03T07:08:09Z"),
            ("Tue, 3 Feb 2026 07:08 +0200", "2026-02-03T05:08Z"), ("3 Feb 2026 07:08:09 UT", "2026-02-03T07:08:09Z"),
            ("Tue, 03 Feb 2026 07:08:09 +0000 (UTC)", "2026-02-03T07:08:09Z"),
            ("Tuesday, 03-Feb-26 07:08:09 GMT", "2026-02-03T07:08:09Z"),
            ("Tue Feb  3 07:08:09 2026", "2026-02-03T07:08:09Z"),
            ("Tue Feb  3 07:08:09 UTC 2026", "2026-02-03T07:08:09Z"),
            ("Tue Feb 03 07:08:09.123456 2026", "2026-02-03T07:08:09.123456Z"),
            ("Tue Feb 03 2026 07:08:09 GMT+0100 (Central European Standard Time)", "2026-02-03T06:08:09Z"),
            ("Feb 3, 2026 7:08:09 PM", "2026-02-03T19:08:09Z"), ("February 3, 2026", "2026-02-03"),
            ("Feb  3 2026 07:08:09", "2026-02-03T07:08:09Z"), ("31 Dec 2016 23:59:60 GMT", "2017-01-01"),
            ("2026-02-03 07:08:09.123 UTC", "2026-02-03T07:08:09.123Z"),
            ("2026-02-03T08:08:09.123+01:00[Europe/Berlin]", "2026-02-03T07:08:09.123Z"),
            (" 2026-02-03T07:08:09Z ", "2026-02-03T07:08:09Z"), ("\t2026/02/03 07:08:09\r", "2026-02-03T07:08:09Z"),
            (" 1770102489", "2026-02-03T07:08:09Z"), ("2026-02-03  ", "2026-02-03"),
        ])
    func certain(text: String, wanted: String) {
        #expect(time(wanted) != .none)
        #expect(read(text) == time(wanted))
    }

    @Test(
        "times of access logs are the same in a column as alone, whatever was before them",
        arguments: 1...4 as ClosedRange<UInt64>)
    func accessLogs(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var time = "03/Feb/2026:07:08:09 +0000"
        let texts = (0..<2000).map { _ in
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                time =
                    "0\(Int.random(in: 1...9, using: &random))/Mar/2026:1\(Int.random(in: 0...9, using: &random)):08:09 +0100"
            case 1:
                // One byte, whatever it does to the time.
                var bytes = Array(time.utf8)
                bytes[Int.random(in: bytes.indices, using: &random)] =
                    "0123456789:/+- Z".utf8.randomElement(using: &random) ?? 0
                return String(decoding: bytes, as: UTF8.self)
            default: break
            }
            let second = Int.random(in: 0...61, using: &random)
            return time.prefix(18) + (second < 10 ? "0" : "") + "\(second)" + time.suffix(6)
        }
        let bytes = texts.map { Array($0.utf8) + [0] }
        let starts = bytes.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        let joined = bytes.flatMap(\.self)
        joined.withUnsafeBytes { all in
            let cells = texts.indices.map {
                Value(UnsafeRawBufferPointer(rebasing: all[starts[$0]..<starts[$0 + 1] - 1]))
            }
            var reader = TimeReader(.auto, zone: berlin)
            var found: [TimeReading] = []
            var times = [Int64](repeating: 0, count: cells.count)
            var span = (earliest: Int64.max, latest: Int64.min)
            while found.count < cells.count {
                let row = reader.readRun(cells, from: found.count, to: cells.count, into: &times, span: &span)
                found += times[found.count..<row].map { .time($0) }
                if row < cells.count { found.append(reader.read(cells[row])) }
            }
            for (index, text) in texts.enumerated() {
                #expect(found[index] == read(text, zone: berlin), "\(text)")
            }
        }
    }

    @Test(
        "auto does not guess",
        arguments: [
            "03/02/2026 07:08:09", "03.02.2026 07:08:09", "02-03-2026", "03 02 2026", "2026/02/30 07:08:09",
            "2026/02-03", "20260230T070809Z", "20260203T240000Z", "20260203T07", "202602030708Z",
            "30 Feb 2026 07:08:09",
            "Feb 3", "Feb 32 07:08:09", "Foo  3 07:08:09", "Tue", "Tue, ", "Feb", "3 Feb", "3/Feb 2026 07:08:09",
            "3 Feb 26 07:08:09", "Feb 3, 2026 13:08:09 PM", "03/Feb/2026:07:08:09 +0000 x", "[", "[]", "[[]]", "",
            " ", "07:08:09", "2026/", "2026/02/03 07", "2026-02-03 07:08:09 CET", "Feb  3 07:08:09 CET",
        ])
    func uncertain(text: String) { #expect(read(text) == .none) }

    @Test("no text traps, and random changes of good ones are read or refused")
    func garbage() {
        var random = SeededGenerator(seed: 3)
        let texts = ["Tue Feb 03 2026 07:08:09 GMT+0100 (x)", "03/Feb/2026:07:08:09 +0000", "20260203T070809.5Z"]
        for _ in 0..<20_000 {
            var text = Array(random.pick(texts).utf8)
            for _ in 0..<(1 + random.below(4)) {
                switch random.below(3) {
                case 0: text[random.below(text.count)] = UInt8(random.below(256))
                case 1: text.remove(at: random.below(text.count))
                default: text.insert(UInt8(random.below(128)), at: random.below(text.count))
                }
            }
            var reader = TimeReader(.auto, zone: berlin)
            _ = text.withUnsafeBytes { reader.read(Value($0)) }
        }
    }

    @Test(
        "eight, fourteen and seventeen digits that are a date are that date, as a number and as a text",
        arguments: [
            (20_260_203, "2026-02-03"), (20_260_203_070809, "2026-02-03T07:08:09Z"),
            (20_260_203_070809_123, "2026-02-03T07:08:09.123Z"), (19_000_101, "1900-01-01"),
            (21_991_231_235959, "2199-12-31T23:59:59Z"), (20_240_229, "2024-02-29"),
            // No dates, or of other years.
            (20_260_230, "1970-08-23T11:50:30Z"), (18_991_231, "1970-08-08T19:20:31Z"),
            (22_000_101, "1970-09-12T15:08:21Z"), (20_260_203_076809, "2612-01-09T02:11:16.809Z"),
            (20_260_203_240000, "2612-01-09T02:14:00Z"), (20_260_203_07, "2034-03-15T07:25:07Z"),
        ] as [(Int64, String)])
    func calendarDigits(number: Int64, wanted: String) {
        #expect(time(wanted) != .none)
        #expect(read("\(number)") == time(wanted))
        var reader = TimeReader(.auto, zone: .utc)
        #expect(reader.read(Value(number)) == time(wanted))
    }

    @Test("a fixed unit takes calendar digits as a number")
    func fixedUnit() { #expect(read("20260203", .seconds) == time("1970-08-23T11:50:03Z")) }

    @Test(
        "arrays of numbers",
        arguments: [
            ("[2026,2,3,7,8,9,123000000]", "2026-02-03T07:08:09.123Z"), ("[2026,2,3,7,8,9]", "2026-02-03T07:08:09Z"),
            ("[2026,2,3,7,8]", "2026-02-03T07:08Z"), ("[2026,2,3]", "2026-02-03"),
            ("[2026, 2, 3, 7, 8, 9, 1000]", "2026-02-03T07:08:09.000001Z"),
            ("[ 2026 ,2,3,7,8,9,123 ]", "2026-02-03T07:08:09.123Z"),
        ])
    func arrays(text: String, wanted: String) { #expect(read(text, kind: .json) == time(wanted)) }

    @Test(
        "other JSON is no time",
        arguments: [
            "[]", "[1]", "[2026,2]", "[2026,2,3,7]", "[2026,2,30]", "[2026,13,1]", "[2026,2,3,24,0]", "[2026,2,3,7,60]",
            "[2026,2,3,7,8,9,1,2]", "[2026,2,3,7,8,-9]", "[2026.5,2,3]", "[\"2026\",2,3]", "{}", "[2026,2,3",
            "[20260,2,3]",
            "[2026,2,3,7,8,9,9999999999]",
        ])
    func otherJSON(text: String) { #expect(read(text, kind: .json) == .none) }

    @Test(
        "a time without a zone is on the local clock, in every format",
        arguments: [
            "2026-02-03 08:08:09", "2026-02-03T08:08:09.000", "2026/02/03 08:08:09", "20260203T080809",
            "20260203080809",
            "03/Feb/2026:08:08:09", "Tue, 03 Feb 2026 08:08:09", "Tue Feb  3 08:08:09 2026", "2026-02-03 08:08:09 CET",
            "Tue Feb  3 08:08:09 CET 2026", "2026-02-03T07:08:09Z", "2026-02-03 09:08:09 CEST", "1770102489",
            "2026-02-03 12:38:09 +05:30", "2026-02-03 08:08:09 +01", "2026-02-03 07:08:09 Z",
            "03 Feb 2026 08:08:09 +01",
        ])
    func localClock(text: String) {
        #expect(read(text, zone: berlin) == time("2026-02-03T07:08:09Z"))
        // RFC 3339 has no short zone after a space.
        if text.hasPrefix("2026-"), !text.hasSuffix(" Z"), !text.hasSuffix(" +01") {
            #expect(read(text, .iso, zone: berlin) == time("2026-02-03T07:08:09Z"))
        }
    }

    @Test("a date is its local midnight, and an array is local")
    func localDates() {
        #expect(read("2026-07-01", zone: berlin) == time("2026-06-30T22:00:00Z"))
        #expect(read("20260701", zone: berlin) == time("2026-06-30T22:00:00Z"))
        #expect(read("[2026,7,1]", zone: berlin, kind: .json) == time("2026-06-30T22:00:00Z"))
    }

    @Test("an abbreviation tells the two passes of a doubled hour apart")
    func abbreviations() throws {
        #expect(read("2026-10-25 02:30:00 CEST", zone: berlin) == time("2026-10-25T00:30:00Z"))
        #expect(read("2026-10-25 02:30:00 CET", zone: berlin) == time("2026-10-25T01:30:00Z"))
        let pattern = TimeFormat.pattern(try TimePattern.compile("%d.%m.%Y %T %Z"))
        #expect(read("25.10.2026 02:30:00 CEST", pattern, zone: berlin) == time("2026-10-25T00:30:00Z"))
        #expect(read("25.10.2026 02:30:00 CET", pattern, zone: berlin) == time("2026-10-25T01:30:00Z"))
        #expect(read("25.10.2026 02:30:00 UTC", pattern, zone: berlin) == time("2026-10-25T02:30:00Z"))
        #expect(read("25.10.2026 02:30:00 EST", pattern, zone: berlin) == .none)
    }

    @Test(
        "a zone can be an offset",
        arguments: [("+02:00", 7200), ("-0530", -19_800), ("+02", 7200), ("+00:00", 0)] as [(String, Int64)])
    func offsets(text: String, seconds: Int64) throws {
        let zone = try #require(ZoneOffsets.fixed(text))
        #expect(zone.offset(at: 0) == seconds * Microseconds.second)
        #expect((zone.name == "UTC") == (seconds == 0))
    }

    @Test(
        "other texts are no offset", arguments: ["", "2", "+2", "+24:00", "+02:60", "UTC+2", "+02:00x", "Z", "02:00"])
    func noOffset(text: String) { #expect(ZoneOffsets.fixed(text) == nil) }
}

@Suite("times without a year") struct YearlessTests {
    private func yearless(_ text: String) throws -> YearlessTime {
        guard case .yearless(let time) = read(text) else { throw YearlessError(text: text) }
        return time
    }

    private struct YearlessError: Error { let text: String }

    @Test("the nearest year is that of the record before")
    func nearest() throws {
        func nearest(_ text: String, _ known: String) throws -> TimeReading {
            guard case .time(let known) = time(known) else { return .none }
            return try yearless(text).nearest(to: known, zone: .utc).map { .time($0) } ?? .none
        }
        #expect(try nearest("Dec 31 23:59:59", "2026-01-01T00:00:01Z") == time("2025-12-31T23:59:59Z"))
        #expect(try nearest("Jan  1 00:00:01", "2025-12-31T23:59:59Z") == time("2026-01-01T00:00:01Z"))
        #expect(try nearest("Feb  3 07:08:09", "2026-08-01T00:00:00Z") == time("2026-02-03T07:08:09Z"))
        #expect(try nearest("Feb  3 07:08:09", "2026-09-01T00:00:00Z") == time("2027-02-03T07:08:09Z"))
        #expect(try nearest("Feb 29 12:00:00", "2026-03-01T00:00:00Z") == time("2024-02-29T12:00:00Z"))
        #expect(try nearest("Feb 29 12:00:00", "1901-03-01T00:00:00Z") == time("1904-02-29T12:00:00Z"))
        #expect(try nearest("Feb  3 08:08:09 +0100", "2026-02-03T00:00:00Z") == time("2026-02-03T07:08:09Z"))
    }

    @Test("the first record is not later than its file, except by a clock that is ahead")
    func latest() throws {
        func latest(_ text: String, _ known: String) throws -> TimeReading {
            guard case .time(let known) = time(known) else { return .none }
            return try yearless(text).latest(before: known, zone: .utc).map { .time($0) } ?? .none
        }
        #expect(try latest("Feb  3 07:08:09", "2026-11-26T00:00:00Z") == time("2026-02-03T07:08:09Z"))
        #expect(try latest("Feb  3 07:08:09", "2026-02-02T00:00:00Z") == time("2026-02-03T07:08:09Z"))
        #expect(try latest("Dec 31 07:08:09", "2026-01-02T00:00:00Z") == time("2025-12-31T07:08:09Z"))
        #expect(try latest("Jan  1 00:00:01", "2025-12-31T23:00:00Z") == time("2026-01-01T00:00:01Z"))
        #expect(try latest("Feb 29 12:00:00", "2026-03-01T00:00:00Z") == time("2024-02-29T12:00:00Z"))
    }

    @Test("all of it fits into a number")
    func packed() {
        for month: Int64 in 1...12 {
            for shift: Int64? in [nil, 0, 14 * Microseconds.hour, -(12 * Microseconds.hour + Microseconds.minute)] {
                for clock: Int64 in [0, 1, 86_399_999_999, 86_400_000_000] {
                    let time = YearlessTime(month: month, day: 28, clock: clock, shift: shift)
                    #expect(time != nil && time.map { YearlessTime(packed: $0.packed) } == time)
                }
            }
        }
        #expect(YearlessTime(month: 2, day: 30, clock: 0, shift: nil) == nil)
    }

    @Test("--year fixes it; a 29 February of another year is no time")
    func fixed() throws {
        let pattern = TimeFormat.pattern(try TimePattern.compile("%b %e %T"))
        for format in [TimeFormat.auto, pattern] {
            #expect(read("Feb  3 07:08:09", format, year: 2020) == time("2020-02-03T07:08:09Z"))
            #expect(read("Feb 29 07:08:09", format, year: 2020) == time("2020-02-29T07:08:09Z"))
            #expect(read("Feb 29 07:08:09", format, year: 2021) == .none)
            #expect(read("Feb  3 08:08:09", format, zone: berlin, year: 2026) == time("2026-02-03T07:08:09Z"))
        }
    }

    /// Lines of a log that goes over two new years, one of them with a record that has its year.
    private static let lines = [
        "Dec 30 10:00:00", "Dec 31 23:59:59", "?", "Jan  1 00:00:01", "Jun 20 00:00:00", "Nov 30 00:00:00",
        "2026-12-31T23:00:00Z", "Jan  1 00:00:00", "Mar  1 00:00:00",
    ].map { "{\"t\":\"\($0)\"}\n" }

    @Test("the years do not depend on how the input is cut, nor on what is filtered")
    func cuts() throws {
        var query = try Query.timed(.tumbling(size: Microseconds.day, align: 0))
        query.time = .field(try FieldPath.parse("t"), .auto)
        let written = try #require(Array("2026-01-02".utf8).withUnsafeBytes { RFC3339.parse($0) })
        func years(_ cuts: [Int]) throws -> [String] {
            var steps: [EngineStep] = []
            for (start, end) in zip([0] + cuts, cuts + [Self.lines.count]) {
                let text = Self.lines[start..<end].joined()
                steps.append(.lines(Array(text.utf8), startsInput: start == 0, arrival: written))
            }
            return try runEngine(query, steps).lines.map { String($0.dropFirst(17).prefix(10)) }
        }
        let wanted = [
            "2025-12-30", "2025-12-31", "2026-01-01", "2026-06-20", "2026-11-30", "2026-12-31", "2027-01-01",
            "2027-03-01",
        ]
        #expect(try years([]) == wanted)
        for cut in 1..<Self.lines.count { #expect(try years([cut]) == wanted) }
        #expect(try years(Array(1..<Self.lines.count)) == wanted)
    }
}
