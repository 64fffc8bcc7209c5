import Testing

@testable import StreamEngine

@Suite("texts with units, and several numbers in one text") struct QuantityTests {
    private static func one(_ call: String, _ text: String) throws -> OwnedValue {
        try value("\(call)(s)", ["s": .string(text)])
    }

    /// How many values the function could not read.
    private static func bad(_ call: String, _ value: OwnedValue) throws -> Int {
        try evaluate("\(call)(s)", over: [["s": value]]).badValues
    }

    @Test(
        "a duration is seconds",
        arguments: [
            // Go
            ("1m2.5s", .double(62.5)), ("850µs", .double(0.00085)), ("850μs", .double(0.00085)),
            ("850us", .double(0.00085)),
            ("1h", .int(3600)), ("12ms", .double(0.012)), ("1.5h", .int(5400)), ("-1.5s", .double(-1.5)),
            ("+3s", .int(3)),
            ("0s", .int(0)), ("0", .int(0)), ("1h0m0.25s", .double(3600.25)), (".5s", .double(0.5)),
            ("1ns", .double(1e-9)),
            ("2540400h10m10s", .int(9_145_440_610)), ("100ns", .double(1e-7)), ("1.234567891s", .double(1.234567891)),
            // Words and blanks
            ("12.345 ms", .double(0.012345)), ("1min 30s", .int(90)), ("2 hours 3 minutes", .int(7380)),
            ("1 day", .int(86400)),
            ("1w", .int(604800)), ("2d12h", .int(216_000)), ("3 SECONDS", .int(3)), (" 5s ", .int(5)),
            ("1 hour, 5 min", .int(3900)),
            ("5s 1m", .int(65)), ("15 usecs", .double(1.5e-5)), ("1H30m", .int(5400)),
            // ISO 8601
            ("PT1M", .int(60)), ("PT1M30.5S", .double(90.5)), ("P1DT2H", .int(93_600)), ("P2W", .int(1_209_600)),
            ("-PT5S", .int(-5)),
            ("pt0,5s", .double(0.5)), ("PT36H", .int(129_600)),
            // A clock
            ("1:02:03", .int(3723)), ("00:00:12.5", .double(12.5)), ("1 day, 2:03:04.5", .double(93_784.5)),
            ("2 days 00:00:01", .int(172_801)), ("100:00:00", .int(360_000)), ("-0:00:05", .int(-5)),
        ] as [(String, OwnedValue)])
    func durations(text: String, expected: OwnedValue) throws {
        #expect(try Self.one("duration", text) == expected)
        #expect(try Self.bad("duration", .string(text)) == 0)
    }

    @Test(
        "what is not a duration gives null and is counted",
        arguments: [
            "", " ", "5", "0.031", "s", "ms5", "5 x", "5ss", "5s5", "1:02", "1:60:00", "1:00:60", "1:2:3:4",
            "1:02:03 x", "1.5:00:00",
            "P", "PT", "P1DT", "P1Y", "P1M", "PT1D", "P1H", "1M", "1y", "1 month", "--5s", "5s-", "1e3s", "1_000s",
            "1,5s", "5%", "é",
            "5\u{b5}", "NaN", "Infinity", "1000000000000000000s", "999999999999999999999999w", "1:00:00,", "µs", "5.s",
            "5 .s",
        ])
    func notDurations(text: String) throws {
        #expect(try Self.one("duration", text) == .null)
        #expect(try Self.bad("duration", .string(text)) == 1)
    }

    @Test("the sum of many parts does not trap")
    func manyParts() throws {
        let text = String(repeating: "999999999999999999w ", count: 1000)
        #expect(try Self.one("duration", text) == .null)
    }

    @Test("a number has no unit, so only 0 is a duration; null stays null and is not counted")
    func numbersAsDurations() throws {
        #expect(try value("duration(x)", ["x": .int(0)]) == .int(0))
        #expect(try value("duration(x)", ["x": .int(5)]) == .null)
        for other: OwnedValue in [.int(5), .double(0.5), .bool(true), .json("[1]"), .time(0)] {
            #expect(try Self.bad("duration", other) == 1)
        }
        #expect(try value("duration(x)", ["x": .null]) == .null)
        #expect(try Self.bad("duration", .null) == 0)
    }

    @Test(
        "a size is whole bytes, and K, M and G are powers of 1024",
        arguments: [
            ("1.5K", .int(1536)), ("10MB", .int(10_485_760)), ("3 GiB", .int(3_221_225_472)), ("512", .int(512)),
            ("512B", .int(512)),
            ("512 bytes", .int(512)), ("1 byte", .int(1)), ("1kB", .int(1024)), ("1k", .int(1024)), ("1Ki", .int(1024)),
            ("2T", .int(2_199_023_255_552)), ("1P", .int(1_125_899_906_842_624)),
            ("1EiB", .int(1_152_921_504_606_846_976)),
            ("0", .int(0)), ("-1K", .int(-1024)), ("1.2K", .int(1229)), ("0.5B", .int(1)), (" 7M ", .int(7_340_032)),
            ("8E", .double(9.223372036854775808e18)), (".5K", .int(512)),
        ] as [(String, OwnedValue)])
    func sizes(text: String, expected: OwnedValue) throws {
        #expect(try Self.one("size", text) == expected)
        #expect(try Self.bad("size", .string(text)) == 0)
    }

    @Test(
        "what is not a size gives null and is counted",
        arguments: [
            "", "K", "1KK", "1,5K", "1 K B", "10Mbit", "1.5.2K", "1e3", "5%", "12ms", "1Kx", "0x10", "1KiBs", "K1", "é",
        ])
    func notSizes(text: String) throws {
        #expect(try Self.one("size", text) == .null)
        #expect(try Self.bad("size", .string(text)) == 1)
    }

    @Test("a number is bytes already")
    func numbersAsSizes() throws {
        #expect(try value("size(x)", ["x": .int(1536)]) == .int(1536))
        #expect(try value("size(x)", ["x": .double(1.5)]) == .int(2))
        #expect(try Self.bad("size", .bool(true)) == 1)
    }

    @Test(
        "numbers in one text are found between commas, semicolons, colons and white space; - is none",
        arguments: [
            ("0.010, 0.020", .double(0.03), .double(0.01), .double(0.02), .double(0.015)),
            ("0.01 : 0.02", .double(0.03), .double(0.01), .double(0.02), .double(0.015)),
            ("0.010, - : 0.020", .double(0.03), .double(0.01), .double(0.02), .double(0.015)),
            ("5", .int(5), .int(5), .int(5), .double(5)),
            ("1 2 3", .int(6), .int(1), .int(3), .double(2)), ("-1;-2", .int(-3), .int(-2), .int(-1), .double(-1.5)),
            ("-", .null, .null, .null, .null), ("", .null, .null, .null, .null), (", ,", .null, .null, .null, .null),
            ("0.1,0.2,0.3", .double(0.6), .double(0.1), .double(0.3), .double(0.2)),
        ] as [(String, OwnedValue, OwnedValue, OwnedValue, OwnedValue)])
    func lists(text: String, sum: OwnedValue, least: OwnedValue, most: OwnedValue, average: OwnedValue) throws {
        #expect(try Self.one("sum_list", text) == sum)
        #expect(try Self.one("min_list", text) == least)
        #expect(try Self.one("max_list", text) == most)
        #expect(try Self.one("avg_list", text) == average)
    }

    @Test("a separator can be given; blanks around the numbers do not count")
    func separators() throws {
        #expect(try value("sum_list(s, '|')", ["s": .string("1| 2 |3")]) == .int(6))
        #expect(try value("sum_list(s, ' and ')", ["s": .string("1 and 2")]) == .int(3))
        #expect(try value("sum_list(s, ',')", ["s": .string("1:2,3")]) == .null)
        #expect(try value("sum_list(s, '')", ["s": .string("1,2")]) == .int(3))
        #expect(try value("sum_list(s, null)", ["s": .string("1,2")]) == .null)
        #expect(try value("sum_list(s, t)", ["s": .string("1,2")]) == .null)
    }

    @Test("the elements of an array are taken alike, nulls left out")
    func arrays() throws {
        #expect(try value("sum_list(a)", ["a": .json("[1, 2.5, null, \"3\", \"-\", true]")]) == .double(7.5))
        #expect(
            try value("max_list(a)", ["a": .json("[18446744073709551615, 18446744073709551616]")])
                == .json("18446744073709551616"))
        #expect(try value("min_list(a)", ["a": .json("[]")]) == .null)
        #expect(try value("sum_list(a)", ["a": .json("[9223372036854775807, 1]")]) == .json("9223372036854775808"))
        #expect(try value("sum_list(a)", ["a": .json("[NaN, 1]")]) == .int(1))
        for other in ["[[1]]", "{\"a\":1}", "[\"x\"]", "[{}]"] {
            #expect(try value("sum_list(a)", ["a": .json(other)]) == .null)
            #expect(try Self.bad("sum_list", .json(other)) == 1)
        }
    }

    @Test(
        "one element that is not a number makes the result null, and the value is counted",
        arguments: ["1,x", "1,0x5", "NaN", "1,2,inf"])
    func notNumbers(text: String) throws {
        #expect(try Self.one("sum_list", text) == .null)
        #expect(try Self.bad("sum_list", .string(text)) == 1)
    }
}
