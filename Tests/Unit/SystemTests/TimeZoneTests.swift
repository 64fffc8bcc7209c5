import Glibc
import Testing

@testable import System

/// One after another: the zone of the process changes for a moment.
@Suite("time zones", .serialized)
struct TimeZoneTests {
    private func offset(_ zone: String, at second: Int64) throws -> Int32 {
        let offsets = try #require(try zoneOffsets(named: zone))
        return try #require(offsets.last { $0.from <= second }).offset
    }

    @Test("UTC needs no files")
    func utc() throws {
        let offsets = try #require(try zoneOffsets(named: "UTC"))
        #expect(offsets.map(\.from) == [.min] && offsets.map(\.offset) == [0])
    }

    @Test(
        "clocks change at the known second",
        arguments: [
            // 2026-03-29T01:00Z and 2026-10-25T01:00Z
            ("Europe/Berlin", Int64(1_774_746_000), Int32(3600), Int32(7200)),
            ("Europe/Berlin", 1_792_890_000, 7200, 3600),
            // 1940-04-01T01:00Z: the first summer time of the war
            ("Europe/Berlin", -938_905_200, 3600, 7200),
            // 2026-03-08T07:00Z and 2026-11-01T06:00Z
            ("America/New_York", 1_772_953_200, -18_000, -14_400),
            ("America/New_York", 1_793_512_800, -14_400, -18_000),
            // 2026-04-04T15:00Z, by half an hour
            ("Australia/Lord_Howe", 1_775_314_800, 39_600, 37_800),
            // 2011-12-30T10:00Z: Samoa went without a day
            ("Pacific/Apia", 1_325_239_200, -36_000, 50_400),
            // 1986-01-01T00:00 in Kathmandu, by 15 minutes
            ("Asia/Kathmandu", 504_901_800, 19_800, 20_700),
            // 2400-03-26T01:00Z, by the rule
            ("Europe/Berlin", 13_576_813_200, 3600, 7200),
        ])
    func transitions(zone: String, second: Int64, before: Int32, after: Int32) throws {
        #expect(try offset(zone, at: second - 1) == before)
        #expect(try offset(zone, at: second) == after)
        #expect(try #require(try zoneOffsets(named: zone)).contains { $0.from == second && $0.offset == after })
    }

    @Test("changes are in order and each is one", arguments: ["Europe/Berlin", "Africa/Casablanca", "Asia/Gaza"])
    func order(zone: String) throws {
        let offsets = try #require(try zoneOffsets(named: zone))
        #expect(offsets.first?.from == .min)
        for (former, latter) in zip(offsets, offsets.dropFirst()) {
            #expect(former.from < latter.from && former.offset != latter.offset)
        }
    }

    @Test(
        "the table agrees with the C library all over the years",
        arguments: ["Asia/Gaza", "Africa/Freetown", "Europe/Dublin"])
    func agreement(zone: String) throws {
        let offsets = try #require(try zoneOffsets(named: zone))
        let former = getenv("TZ").map { String(cString: $0) }
        setenv("TZ", zone, 1)
        tzset()
        defer {
            if let former { setenv("TZ", former, 1) } else { unsetenv("TZ") }
            tzset()
        }
        var index = 0
        // 1880 to 2100 in steps of some 17 hours.
        for second in stride(from: Int64(-2_840_140_800), to: 4_102_444_800, by: 61_333) {
            while index + 1 < offsets.count, offsets[index + 1].from <= second { index += 1 }
            var (time, parts) = (time_t(second), tm())
            localtime_r(&time, &parts)
            try #require(Int(offsets[index].offset) == parts.tm_gmtoff, "at \(second)")
        }
    }

    @Test(
        "what is no zone gives none",
        arguments: [
            "", "Mars/Base", "europe", "Europe", "../localtime", "/etc/localtime", "Europe/../UTC", "zone.tab",
            "Europe/Berlin ",
            "right/UTC", ":UTC", "Europe/Berlin\0",
        ])
    func unknown(zone: String) throws { #expect(try zoneOffsets(named: zone) == nil) }

    @Test("the zone of the process stays what it was")
    func restored() throws {
        let former = getenv("TZ").map { String(cString: $0) }
        _ = try zoneOffsets(named: "Asia/Tokyo")
        #expect(getenv("TZ").map { String(cString: $0) } == former)
    }

    @Test("this machine has a zone")
    func local() throws { #expect(try !#require(try zoneOffsets(named: "local")).isEmpty) }
}
