import Testing

@testable import StreamEngine

/// Reads a text that lies at the very end of its memory, so that reading past it can be noticed.
private func general(_ text: String) -> Int64? {
    Array(text.utf8).withUnsafeBytes { RFC3339.parse($0) }
}

struct RFC3339Tests {
    @Test("4 000 texts are read as Python reads them, by the general parser and by the remembering reader")
    func golden() throws {
        var reader = RFC3339Reader()
        var fresh = 0
        for row in try goldenRows("rfc3339.tsv") {
            let wanted = Int64(row[1])
            #expect(general(row[0]) == wanted, "\(row[0])")
            let text = Array(row[0].utf8)
            #expect(text.withUnsafeBytes { reader.parse($0) } == wanted, "\(row[0])")
            // Once more, now that its date is the remembered one.
            #expect(text.withUnsafeBytes { reader.parse($0) } == wanted, "\(row[0]) again")
            fresh += 1
        }
        #expect(fresh == 4000)
    }

    @Test("the reader and the general parser agree on every change of one byte")
    func everyByte() {
        let texts = [
            "2026-03-01T09:59:23Z", "2026-03-01T19:05:50.123Z", "2026-03-01 23:59:59.000001Z", "1970-01-01T00:00:00",
            "2026-03-01T09:59:23+01:00", "2024-02-29t12:00:00.5-0330",
        ]
        var reader = RFC3339Reader()
        for text in texts {
            var bytes = Array(text.utf8)
            for index in bytes.indices {
                let kept = bytes[index]
                for byte in UInt8.min...UInt8.max {
                    bytes[index] = byte
                    let (fast, slow) = bytes.withUnsafeBytes { (reader.parse($0), RFC3339.parse($0)) }
                    if fast != slow { Issue.record("\(text): byte \(index) as \(byte): \(fast ?? -1), \(slow ?? -1)") }
                }
                bytes[index] = kept
            }
        }
    }

    @Test("the reader reads every second of a day")
    func everySecond() {
        var reader = RFC3339Reader()
        var buffer = ByteBuffer()
        let midnight = CivilDate(year: 2026, month: 7, day: 4).days * Microseconds.day
        for second: Int64 in 0..<86_400 {
            let time = midnight + second * Microseconds.second + [0, 250_000, 7][Int(second) % 3]
            buffer.removeAll()
            buffer.append(time: time)
            if buffer.withBytes({ reader.parse($0) }) != time { Issue.record("second \(second)") }
        }
    }

    @Test("a new reader takes no zero bytes for the date it remembers")
    func zeroBytes() {
        var reader = RFC3339Reader()
        let text = [UInt8](repeating: 0, count: 10) + Array("T10:00:00Z".utf8)
        #expect(text.withUnsafeBytes { reader.parse($0) } == nil)
    }

    @Test("an empty text is no time")
    func empty() {
        var reader = RFC3339Reader()
        #expect(RFC3339.parse(UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
        #expect(reader.parse(UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
    }

    @Test(
        "accepted forms",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01", 0), ("1970-01-01 00:00", 0),
            ("1970-01-01t00:00:01z", 1_000_000),
            ("1969-12-31T23:59:59.9999999Z", -1), ("1969-12-31T23:59:59,5Z", -500_000),
            ("1970-01-01T02:00:00+02", 0), ("1970-01-01T02:00:00+0200", 0), ("1969-12-31T22:30-01:30", 0),
            ("1970-01-01T00:00:00-00:00", 0), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
            ("2016-12-31T23:59:60.9Z", 1_483_228_800_000_000), ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
            ("1970-01-01 00:00:00 UTC", 0), ("1970-01-01 00:00:01.5 GMT", 1_500_000), ("1970-01-01 02:00:00 +0200", 0),
            ("1970-01-01 02:00:00.000000001 +0200 CEST", 0), ("1970-01-01 00:00:00 +0000 UTC", 0),
            ("1970-01-01 00:00:00 +0000 UTC m=+0.000012", 0), ("1970-01-01T01:00+01:00[Europe/Berlin]", 0),
            ("1970-01-01T00:00:00Z[UTC]", 0), ("1970-01-01 03:00:00 +0300 +03", 0), ("1970-01-01T00:00:00UTC", 0),
            ("+10000-01-01T00:00:00Z", 253_402_300_800_000_000), ("+10000-01-01", 253_402_300_800_000_000),
            ("9999-12-31T23:59:60Z", 253_402_300_800_000_000),
            ("+12345-06-07 08:09:10.5+02:00", 327_416_969_350_500_000),
            ("-00001-12-31T23:59:59.999999Z", -62_167_219_200_000_001),
            ("+75000-12-31T23:59:59Z", (CivilDate(year: 75_001, month: 1, day: 1).days * 86_400 - 1) * 1_000_000),
        ] as [(String, Int64)])
    func accepted(text: String, time: Int64) { #expect(general(text) == time) }

    @Test(
        "refused forms",
        arguments: [
            "2026-01-01T24:00:00Z", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-01T10Z",
            "2026-01-01Z",
            "2026-01-01T10:20:61Z", "2026-01-01T10:60:00Z", "2026-01-01T10:20:30.Z", "2026-01-01T10:20:30 Z",
            "2026-01-01T10:20:30Zx", "2026-01-01T10:20:30+24:00", "2026-01-01T10:20:30+01:60", "2026-01-01T10:20:30+1",
            "2026-01-01T10:20:30+01:", "+002026-01-01", "-2026-01-01", "02026-01-01", "2026-1-1", " 2026-01-01",
            "2026-01-01T10:20.5Z", "2026-01-01  10:20:30", "20260101T102030Z", "2026-01-01T", "2026-01-01T10:20:",
            "2026-01-01T10:20:30[Europe/Berlin]", "2026-01-01T10:20:30Z[", "2026-01-01T10:20:30Z[]",
            "2026-01-01 10:20:30 CET",
            "2026-01-01 10:20:30 +0100 ", "2026-01-01 10:20:30 +0100 2026", "2026-01-01 10:20:30  UTC",
            "2026-01-01 10:20:30 UTC+", "+09999-01-01", "-00000-01-01", "+010000-01-01", "+1000-01-01",
            "+1000000-01-01", "+100000-01-01", "-100000-01-01", "+294248-01-01T00:00:00Z",
            "+10000-13-01T00:00:00Z", "+10000-01-01T", "+10000-01", "+10000", "+", "-12345-02-29",
        ])
    func refused(text: String) { #expect(general(text) == nil) }
}

struct TimeTextTests {
    private func text(_ time: Int64) -> String {
        var buffer = ByteBuffer()
        buffer.append(time: time)
        return buffer.text
    }

    @Test(
        "times are written with no, three or six digits",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000001Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (500_000, "1970-01-01T00:00:00.500Z"), (250_000, "1970-01-01T00:00:00.250Z"),
            (1_767_225_600_120_000, "2026-01-01T00:00:00.120Z"), (-62_167_219_200_000_000, "0000-01-01T00:00:00Z"),
            (-62_167_219_200_000_001, "-00001-12-31T23:59:59.999999Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
            (253_402_300_800_000_000, "+10000-01-01T00:00:00Z"),
            (.min, "-290308-12-21T19:59:05.224192Z"), (.max, "+294247-01-10T04:00:54.775807Z"),
        ] as [(Int64, String)])
    func written(time: Int64, wanted: String) { #expect(text(time) == wanted) }

    @Test("what is written is read back")
    func roundTrip() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let limit: Int64 = Bool.random(using: &random) ? 1 << 61 : 253_402_300_799_999_999
            let time = Int64.random(in: -limit...limit, using: &random)
            let rounded = time - floorRemainder(time, [1, 10, 1000, 100_000, 1_000_000].randomElement() ?? 1)
            #expect(general(text(rounded)) == rounded)
        }
    }
}
