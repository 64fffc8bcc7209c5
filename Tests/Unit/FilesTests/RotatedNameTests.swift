import Testing

@testable import Files

@Suite("rotated names")
struct RotatedNameTests {
    private static func age(_ entry: String, of original: String = "app.log") -> RotatedName.Age? {
        RotatedName.readings(of: entry).first { $0.original == original }?.age
    }

    @Test(
        "the names that logrotate and logging libraries give are recognized",
        arguments: [
            ("app.log.1", .index(1)), ("app.log.12", .index(12)), ("app.log-3", .index(3)), ("app.1.log", .index(1)),
            ("app.log.1.gz", .index(1)), ("app.log.2.zst", .index(2)), ("app.log.3.bz2", .index(3)),
            ("app.log.4.xz", .index(4)), ("app.log.5.lz4", .index(5)), ("app.log-20260301", .date("20260301000000")),
            ("app.log-20260301.gz", .date("20260301000000")), ("app.log-2026030107", .date("20260301070000")),
            ("app.log.202603010708", .date("20260301070800")), ("app.log-20260301070809", .date("20260301070809")),
            ("app.log.2026-03-01", .date("20260301000000")), ("app.log.2026-03-01-07", .date("20260301070000")),
            ("app.log.2026-03-01T07:08:09", .date("20260301070809")), ("app-2026-03-01.log", .date("20260301000000")),
            ("app-20260301.log.gz", .date("20260301000000")), ("app.log-20260301-0708", .date("20260301070800")),
            ("app.log-1772359200", .seconds(1_772_359_200)),
        ] as [(String, RotatedName.Age)])
    func recognized(_ entry: String, _ age: RotatedName.Age) { #expect(Self.age(entry) == age) }

    @Test(
        "other names are not",
        arguments: [
            "app.log", "app.log.bak", "app.log.offset", "app.log~", "app.log.old", "app.log.1.tmp", "app.log.gz",
            "app.log.123456", "app.log-20261301", "app.log.2026-02-99", "app-2.log", "xapp.log.1", "app.log.1a",
            "app.log.",
            ".1", "", "app.log-",
        ])
    func others(_ entry: String) { #expect(Self.age(entry) == nil) }

    @Test("what a name was before does not depend on the digits and hyphens in it")
    func original() {
        #expect(Self.age("web-1.log.2", of: "web-1.log") == .index(2))
        #expect(Self.age("2026-report.log-20260301", of: "2026-report.log") == .date("20260301000000"))
        #expect(Self.age("a-b-2026-03-01.log", of: "a-b.log") == .date("20260301000000"))
        #expect(Self.age("access.log-20260301", of: "access.log") == .date("20260301000000"))
    }

    @Test("a higher number is older, an earlier date is, and both cannot be compared")
    func order() {
        #expect(RotatedName.Age.index(2).isOlder(than: .index(1)))
        #expect(RotatedName.Age.index(10).isOlder(than: .index(9)))
        #expect(RotatedName.Age.date("20260301000000").isOlder(than: .date("20260301070000")))
        #expect(RotatedName.Age.seconds(999_999_999).isOlder(than: .seconds(1_000_000_000)))
        #expect(!RotatedName.Age.index(1).isComparable(to: .date("20260301000000")))
    }
}
