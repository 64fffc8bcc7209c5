import Testing

@testable import StreamEngine

struct TimeFormatTests {
    private func read(_ format: String, _ value: Value) throws -> TimeReading {
        var reader = TimeReader(try TimeFormat.parse(format), zone: .utc)
        return reader.read(value)
    }

    private func read(_ format: String, _ text: String) throws -> TimeReading {
        try Array(text.utf8).withUnsafeBytes { try read(format, Value($0)) }
    }

    @Test("auto takes RFC 3339, and numbers of the unit of their size, in strings too")
    func auto() throws {
        #expect(try read("auto", "1970-01-01T00:00:01Z") == .time(1_000_000))
        #expect(try read("auto", "1970-01-02") == .time(86_400_000_000))
        #expect(try read("auto", Value(1_767_225_600 as Int64)) == .time(1_767_225_600_000_000))
        #expect(try read("auto", "1767225600000") == .time(1_767_225_600_000_000))
        #expect(try read("auto", "1767225600.5") == .time(1_767_225_600_500_000))
        #expect(try read("auto", "yesterday") == .none)
        #expect(try read("auto", "1767225600 x") == .none)
        #expect(try read("auto", "") == .none)
    }

    @Test("iso takes no numbers")
    func iso() throws {
        #expect(try read("iso", "1970-01-01T00:00:01Z") == .time(1_000_000))
        #expect(try read("iso", "1") == .none)
        #expect(try read("iso", Value(1 as Int64)) == .none)
    }

    @Test(
        "fixed units take numbers and numbers in strings",
        arguments: [("s", 7_000_000), ("ms", 7_000), ("us", 7), ("ns", 0)] as [(String, Int64)])
    func units(format: String, time: Int64) throws {
        #expect(try read(format, Value(7 as Int64)) == .time(time))
        #expect(try read(format, "7") == .time(time))
        #expect(try read(format, Value(7.0)) == .time(time))
        #expect(try read(format, "1970-01-01T00:00:01Z") == .none)
    }

    @Test("a pattern takes strings, and integers as their digits")
    func patterns() throws {
        #expect(try read("%Y%m%d", "19700102") == .time(86_400_000_000))
        #expect(try read("%Y%m%d", Value(19_700_102 as Int64)) == .time(86_400_000_000))
        #expect(try read("%s", Value(-5 as Int64)) == .time(-5_000_000))
        #expect(try read("%s", Value(Int64.min)) == .none)
        #expect(try read("%Y", Value(1970.0)) == .none)
    }

    @Test(
        "null, missing, booleans and structures are no times", arguments: ["auto", "iso", "s", "ns", "%Y"],
        [Value.null, .missing, Value(true), Value(false), Value(kind: .json)].map(\.kind))
    func noTimes(format: String, kind: Kind) throws { #expect(try read(format, Value(kind: kind)) == .none) }

    @Test("a computed time is taken as it is", arguments: ["auto", "iso", "s", "ns", "%Y"])
    func computed(format: String) throws { #expect(try read(format, Value(time: 42)) == .time(42)) }

    @Test("an unknown format is refused", arguments: ["", "rfc3339", "S", "seconds"])
    func unknown(text: String) {
        #expect(throws: TimePatternError.unknownFormat(text)) { try TimeFormat.parse(text) }
    }
}

struct EpochUnitTests {
    @Test("the digits of the integer part tell the unit")
    func guess() {
        for digits in 1...18 {
            let wanted: EpochUnit =
                digits <= 11 ? .seconds : digits <= 14 ? .milliseconds : digits <= 17 ? .microseconds : .nanoseconds
            var smallest: Int64 = 1
            for _ in 1..<digits { smallest *= 10 }
            for number in [smallest, smallest * 10 - 1, -smallest, -(smallest * 10 - 1)] {
                #expect(EpochUnit.guess(Value(number)) == wanted)
            }
            #expect(EpochUnit.guess(Value(Double(smallest))) == wanted)
            #expect(EpochUnit.guess(Value(Double(smallest) * 1.5)) == wanted)
        }
        #expect(EpochUnit.guess(Value(Int64.min)) == .nanoseconds)
        #expect(EpochUnit.guess(Value(0 as Int64)) == .seconds)
    }

    @Test("integers are exact, nanoseconds rounded toward the past")
    func integers() {
        #expect(EpochUnit.nanoseconds.time(Value(-1 as Int64)) == -1)
        #expect(EpochUnit.nanoseconds.time(Value(1_767_225_600_123_456_789 as Int64)) == 1_767_225_600_123_456)
        #expect(EpochUnit.seconds.time(Value(9_223_372_036_854 as Int64)) == 9_223_372_036_854_000_000)
        #expect(EpochUnit.seconds.time(Value(9_223_372_036_855 as Int64)) == nil)
        #expect(EpochUnit.milliseconds.time(Value(Int64.min)) == nil)
        #expect(EpochUnit.microseconds.time(Value(Int64.min)) == .min)
    }

    @Test("decimal seconds and milliseconds give the microsecond that was written")
    func decimals() {
        #expect(EpochUnit.seconds.time(Value(1446249499.322001)) == 1_446_249_499_322_001)
        #expect(EpochUnit.seconds.time(Value(-0.000001)) == -1)
        for _ in 0..<20_000 {
            let micros = Int64.random(in: -4_000_000_000_000_000...4_000_000_000_000_000)
            let (seconds, rest) = (micros.magnitude / 1_000_000, micros.magnitude % 1_000_000)
            let text = (micros < 0 ? "-" : "") + "\(seconds)." + String("00000\(rest)".suffix(6))
            let number = Double(text) ?? .nan
            #expect(EpochUnit.seconds.time(Value(number)) == micros)
            #expect(EpochUnit.microseconds.time(Value(Double(micros))) == micros)
            #expect(EpochUnit.milliseconds.time(Value(Double(micros - micros % 1000) / 1000)) == micros - micros % 1000)
        }
    }

    @Test("doubles outside Int64 are no times", arguments: [1e30, -1e30, .greatestFiniteMagnitude, 1e13, -1e13])
    func tooLarge(number: Double) { #expect(EpochUnit.seconds.time(Value(number)) == nil) }

    @Test("halves of a microsecond go up")
    func halves() {
        #expect(EpochUnit.microseconds.time(Value(0.5)) == 1)
        #expect(EpochUnit.microseconds.time(Value(0.49999999999999994)) == 0)
        #expect(EpochUnit.microseconds.time(Value(-0.5)) == 0)
        #expect(EpochUnit.nanoseconds.time(Value(1e19)) == 10_000_000_000_000_000)
    }
}
