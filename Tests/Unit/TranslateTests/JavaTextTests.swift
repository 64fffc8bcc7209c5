import Plan
import StreamEngine
import Testing

@testable import Translate

struct JavaTextTests {
    @Test(
        "a regular expression keeps its meaning in Java",
        arguments: [
            ("a.c", "(?d)a.c"), ("^a$", "(?d)^a\\z"), ("a\\$", "(?d)a\\$"), ("[$]", "(?d)[$]"),
            ("[[:alpha:]_]", "(?d)[\\p{Alpha}_]"), ("[a[]", "(?d)[a\\[]"), ("[]a]", "(?d)[\\]a]"),
            ("[^]a]", "(?d)[^\\]a]"), ("[a&&b]", "(?d)[a\\&\\&b]"), ("(?i)x", "(?d)(?i)x"),
            ("[\\]$]$", "(?d)[\\]$]\\z"),
        ])
    func regex(_ ours: String, _ java: String) throws { #expect(JavaRegex.text(try Regex(ours)) == java) }

    @Test(
        "a replacement refers to the same groups",
        arguments: [
            ("$1-$2", "$1-$2"), ("\\1", "$1"), ("$$", "\\$"), ("\\\\", "\\\\"), ("${1}5", "$1\\5"), ("${1}x5", "$1x5"),
        ])
    func replacement(_ ours: String, _ java: String) throws {
        #expect(JavaRegex.replacement(try RegexReplacement(ours, groupCount: 2)) == java)
    }

    @Test(
        "a time pattern has the letters of Java",
        arguments: [
            ("%Y-%m-%d %H:%M:%S", "yyyy-MM-dd HH:mm:ss"), ("%Y-%m-%dT%H:%M:%S", "yyyy-MM-dd'T'HH:mm:ss"),
            ("%d/%b/%Y", "dd/MMM/yyyy"), ("%H:%M:%S.%3f", "HH:mm:ss.SSS"), ("%Y'%m", "yyyy''MM"),
        ])
    func pattern(_ ours: String, _ java: String) throws {
        #expect(JavaTimes.pattern(try TimePattern.compile(ours)) == java)
    }

    @Test("a time pattern without a counterpart has none", arguments: ["%y", "%s", "%z", "%e %H"])
    func unknown(_ pattern: String) throws { #expect(JavaTimes.pattern(try TimePattern.compile(pattern)) == nil) }

    @Test(
        "a length has the largest unit that divides it",
        arguments: [
            (1_000, "INTERVAL '0.001' SECOND(2, 3)"), (5_001_000, "INTERVAL '5.001' SECOND(2, 3)"),
            (100_000_000, "INTERVAL '100' SECOND(3)"), (60_000_000, "INTERVAL '1' MINUTE"),
            (7_200_000_000, "INTERVAL '2' HOUR"), (86_400_000_000, "INTERVAL '1' DAY"), (0, "INTERVAL '0' SECOND"),
        ] as [(Int64, String)])
    func interval(_ microseconds: Int64, _ sql: String) { #expect(FlinkText.interval(microseconds) == sql) }

    @Test("a part of a millisecond is no length", arguments: [1, 999, 1_001, -1_000] as [Int64])
    func tooShort(_ microseconds: Int64) { #expect(FlinkText.interval(microseconds) == nil) }
}

struct PostgresPlaceTests {
    @Test(
        "the address of a database has no user and no password",
        arguments: [
            ("postgresql://me:secret@db:5432/iot", "jdbc:postgresql://db:5432/iot"),
            ("postgres://me:se@cret@h1:1,h2:2/iot?sslmode=require", "jdbc:postgresql://h1:1,h2:2/iot"),
            ("postgresql:///app", "jdbc:postgresql://localhost/app"),
            ("postgresql://db", "jdbc:postgresql://db/${PGDATABASE}"),
            ("postgresql://me:secret/@db/x", "jdbc:postgresql://db/x"),
            ("postgresql://db/x?user=me&password=secret", "jdbc:postgresql://db/x"),
        ])
    func place(_ url: String, _ jdbc: String) { #expect(PostgresPlace(url).jdbc == jdbc) }
}
