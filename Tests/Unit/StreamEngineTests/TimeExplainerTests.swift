import Testing

@testable import StreamEngine

@Suite("explained times") struct TimeExplainerTests {
    private func explain(_ value: Value, _ format: String, zone: ZoneOffsets = .utc) throws -> (TimeDefect, String) {
        let explainer = TimeExplainer(field: "ts", try TimeFormat.parse(format), zone: zone)
        return (explainer.defect(of: value), explainer.text(value))
    }

    private func explain(_ text: String, _ format: String = "auto") throws -> String {
        try Array(text.utf8).withUnsafeBytes { try explain(Value($0), format).1 }
    }

    @Test(
        "the pattern that a message names reads the text",
        arguments: [
            "03.02.2026 07:08:09", "03.02.26", "02/13/2026 07:08:09 AM", "13/02/2026 07:08", "13-02-2026 07:08:09",
            "2026.02.03 07:08:09", "2026:02:03 07:08:09", "2026-02-03_07-08-09", "260203 070809", "02-03 07:08:09.123",
            "20260203-07:08:09.123", "2026-02-03-07.08.09.123456", "13.02.2026, 07:08:09", "13.02.2026 - 07:08",
            "2026-02-03 07:08:09:123", "13 Feb 26 07:08", "03-FEB-26 07.08.09.000000 AM", "0203 07:08:09.123456",
            "03.02.2026 07:08:09 +0100", "13.02.2026 07:08:09 UTC",
        ])
    func patterns(text: String) throws {
        let message = try explain(text)
        let parts = message.split(separator: "'", omittingEmptySubsequences: false)
        try #require(parts.count >= 4 && parts[1] == text && message.contains("--time-format"), "\(message)")
        let pattern = try TimePattern.compile(String(parts[3]))
        #expect(Array(text.utf8).withUnsafeBytes { pattern.read($0, zone: .utc) } != .none, "\(message)")
    }

    @Test("two orders are both named")
    func twoOrders() throws {
        let message = try explain("02/03/2026")
        #expect(message.contains("'%m/%d/%Y'") && message.contains("'%d/%m/%Y'"))
    }

    @Test(
        "what a pattern leaves over is shown, with the directives that read it",
        arguments: [
            (",123", "%.f"), (".5", "%.f"), ("Z", "%z"), ("+01:00", "%z"), (" +0100", "' %z'"), (" UTC", "' %Z'"),
            (".123Z", "%.f%z"), (",123 +0100", "'%.f %z'"),
        ])
    func leftOver(rest: String, directives: String) throws {
        let message = try explain("2026-02-03 07:08:09" + rest, "%Y-%m-%d %H:%M:%S")
        #expect(message.contains("'\(rest)' is left over; end the pattern with"))
        #expect(message.hasSuffix(directives) || message.hasSuffix("'\(directives)'") || directives.hasPrefix("'%"))
    }

    @Test(
        "a format that is too much is to be left out",
        arguments: ["s", "ms", "us", "ns", "%Y-%m-%d", "%d.%m.%Y %H:%M:%S"])
    func leaveOut(format: String) throws {
        #expect(try explain("03/Feb/2026:07:08:09 +0000", format).hasSuffix("; leave --time-format out"))
    }

    @Test("missing, null, other kinds and numbers out of range are told apart")
    func defects() throws {
        #expect(try explain(.missing, "auto") == (.missing, "no field ts"))
        #expect(try explain(.null, "auto") == (.null, "ts is null"))
        #expect(try explain(Value(true), "auto") == (.form, "ts is true, not a time"))
        #expect(try explain(Value(1e300), "auto").0 == .range)
        #expect(try explain(Value(1e15), "s").0 == .range)
        #expect(try explain(Value(5 as Int64), "iso").0 == .form)
        #expect(try explain("2026-02-30", "%Y-%m-%d").hasSuffix("but there is no such time"))
    }

    @Test(
        "a date, time of day or offset that does not exist is said to be none",
        arguments: [
            "2026-02-30", "2026/02/30 07:08:09", "2026-13-03T07:08:09Z", "2026-02-03T25:08:09Z", "2026-02-03T24:00:00Z",
            "2026-02-03 07:61", "2026-02-03T07:08:09+25:00", "2026-02-03T07:08:09.123+2500", "20260230T070809Z",
            "Tue, 30 Feb 2026 07:08:09 GMT", "30/Feb/2026:07:08:09 +0000", "2026-02-03T07:08:99.5Z",
        ])
    func impossible(text: String) throws {
        #expect(try explain(text) == "'\(text)': there is no such date or time")
    }

    @Test("what is not a time at all gets no pattern", arguments: ["yesterday", "-", "N/A"])
    func noTime(text: String) throws {
        #expect(try explain(text) == "'\(text)' is not a time")
        #expect(try explain("") == "ts is empty text")
    }

    @Test("a time of day gets a date", arguments: ["07:08:09", "07:08:09.123", "07:08"])
    func timeOfDay(text: String) throws {
        #expect(try explain(text).hasSuffix("-t at --let \"at=concat('2026-02-03 ', ts)\" puts one before it"))
    }

    @Test(
        "the number in a text is taken out of it",
        arguments: ["/Date(1770102489123)/", "@1770102489", "audit(1770102489.123:24287)", "t=1770102489123456"])
    func number(text: String) throws {
        #expect(try explain(text).hasSuffix("-t at --let \"at=extract(ts, '[0-9.]+')\" reads the number in it"))
    }

    @Test("long texts are cut, between characters")
    func cut() throws {
        let message = try explain(String(repeating: "é", count: 100))
        #expect(message.hasPrefix("'" + String(repeating: "é", count: 18) + "…'"))
    }

    @Test(
        "an unknown abbreviation names a zone", arguments: ["2026-02-03 07:08:09 JST", "Tue Feb  3 07:08:09 JST 2026"])
    func abbreviation(text: String) throws {
        let message = try explain(text)
        #expect(message.contains("'JST' is not used in --time-zone UTC") && message.contains("Asia/Tokyo"))
    }
}
