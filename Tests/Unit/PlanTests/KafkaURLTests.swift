import Testing

@testable import Plan

/// The words of a usage error; nil for anything else.
func usage(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch UsageError.message(let words) {
        return words
    } catch {
        return nil
    }
}

@Suite("URLs of topics") struct KafkaURLTests {
    private static func parse(_ options: String) throws -> KafkaURL { try KafkaURL("kafka://b:9092/t?" + options) }

    @Test("brokers and topics are lists, and the name leaves the options out") func places() throws {
        var url = try KafkaURL("kafka://localhost/readings")
        #expect(url == KafkaURL(brokers: "localhost", topics: ["readings"]))
        url = try KafkaURL("kafka://b1:9092,b2,[::1]:9093/a,b.c_d-e?start=end&group=g")
        #expect(url.brokers == "b1:9092,b2,[::1]:9093" && url.topics == ["a", "b.c_d-e"])
        #expect(url.name == "kafka://b1:9092,b2,[::1]:9093/a,b.c_d-e")
        #expect(url.start == .end && url.until == nil && url.group == "g" && url.partitions.isEmpty)
        #expect(try KafkaURL("kafka://b/" + String(repeating: "x", count: 249)).topics.count == 1)
    }

    @Test("a topic may be a regular expression, and what URLs use otherwise is escaped") func patterns() throws {
        let url = try KafkaURL("kafka://b/^a%2C%3F,b%2Ec,^x-%25?until=end")
        #expect(
            url.topics == ["^a,?", "b.c", "^x-%"] && url.name == "kafka://b/^a%2C%3F,b.c,^x-%25" && url.until == .end)
        #expect(try KafkaURL(url.name).topics == url.topics)
        #expect(TopicPattern.topics("^a-|b$", among: ["a-1", "ba", "ab", "__ab"]) == ["a-1", "ab"])
        #expect(TopicPattern.topics("^__a", among: ["__ab", "a"]) == ["__ab"])
        #expect(usage { _ = try KafkaURL("kafka://b/^(") }?.contains("not a regular expression") == true)
        for text in ["a%", "a%2", "a%+1", "%FF"] {
            #expect(usage { _ = try KafkaURL("kafka://b/" + text) }?.contains("%25") == true)
        }
        #expect(usage { _ = try KafkaOutput(KafkaURL("kafka://b/^a")) }?.contains("single topic") == true)
    }

    @Test("reading begins at a word, a time or so long ago, and ends at an end or a time") func bounds() throws {
        #expect(try Self.parse("start=beginning").start == .beginning)
        #expect(try Self.parse("start=stored&group=g").start == .stored)
        #expect(try Self.parse("group=g&start=stored").start == .stored)
        #expect(try Self.parse("start=@2026-01-01T00:00:00Z").start == .time(1_767_225_600_000_000))
        #expect(try Self.parse("start=@2026-01-01T01:00:00.5+01:00").start == .time(1_767_225_600_500_000))
        #expect(try Self.parse("start=@1767225600").start == .time(1_767_225_600_000_000))
        #expect(try Self.parse("start=@1767225600123").start == .time(1_767_225_600_123_000))
        #expect(try Self.parse("start=@1767225600.5").start == .time(1_767_225_600_500_000))
        #expect(try Self.parse("start=@1767225600.123456789").start == .time(1_767_225_600_123_456))
        #expect(try Self.parse("start=@-1.25").start == .time(-1_250_000))
        #expect(try Self.parse("start=-1h30m").start == .ago(5_400_000_000))
        #expect(try Self.parse("until=end").until == .end)
        #expect(try Self.parse("until=@1767225601").until == .time(1_767_225_601_000_000))
        // The last one counts.
        #expect(try Self.parse("until=end&until=@0").until == .time(0))
    }

    @Test("partitions are numbers and ranges") func partitions() throws {
        let url = try Self.parse("partitions=0-3,7,9-9")
        #expect(url.partitions == [0...3, 7...7, 9...9])
        #expect((0...10).filter { url.wants(Int32($0)) } == [0, 1, 2, 3, 7, 9])
        #expect(try Self.parse("start=end").wants(99))
        #expect(try Self.parse("partitions=0-2147483647").wants(.max))
    }

    @Test(
        "what is wrong is told together with what would be right",
        arguments: [
            ("kafka:/b/t", "kafka://BROKER[:PORT]/TOPIC"), ("kafka://b", "kafka://BROKER[:PORT][,...]/TOPIC[,...]"),
            ("kafka://b/", "/TOPIC"), ("kafka:///t", "kafka://BROKER"), ("kafka://", "kafka://BROKER"),
            ("kafka://b?start=end", "/TOPIC"), ("kafka://me:pw@b/t", "-X @FILE"), ("kafka://b/a,a", "named twice"),
            ("kafka://b/a,", "'' is not a topic name"), ("kafka://b/a/b", "'a/b' is not a topic name"),
            ("kafka://b/..", "'..' is not a topic name"),
            ("kafka://b/.", "'.' is not a topic name"), ("kafka://b/a b", "letters, digits"),
            ("kafka://b/\u{e9}", "1 to 249"),
            ("kafka://b/@t", "letters, digits"), ("kafka://b/$t", "letters, digits"),
            ("kafka://b/t?", "NAME=VALUE"), ("kafka://b/t?start", "NAME=VALUE"),
            ("kafka://b/t?start=", "write start=VALUE"),
            ("kafka://b/t?start=end&", "with & between"),
            ("kafka://b/t?begin=end", "such as start=beginning"),
            ("kafka://b/t?x=end", "start, until, partitions or group"),
            ("kafka://b/t?start=now", "did you mean start=end?"),
            ("kafka://b/t?start=soon", "beginning, end, stored, @TIME or -DURATION"),
            ("kafka://b/t?until=beginning", "end or @TIME"), ("kafka://b/t?until=-5s", "end or @TIME"),
            ("kafka://b/t?start=latest", "did you mean start=end?"),
            ("kafka://b/t?start=earliest", "did you mean start=beginning?"),
            ("kafka://b/t?start=Now", "did you mean start=end?"),
            ("kafka://b/t?until=now", "did you mean until=end?"),
            ("kafka://b/t?start=committed", "did you mean start=stored?"),
            ("kafka://b/t?start=2026-01-01T00:00:00Z", "start=@2026-01-01T00:00:00Z"),
            ("kafka://b/t?until=1767225600", "until=@1767225600"), ("kafka://b/t?start=1h", "start=-1h"),
            ("kafka://b/t?group.id=g", "did you mean group, such as group=NAME?"),
            ("kafka://b/t?offset=end", "did you mean start, such as start=beginning?"),
            ("kafka://b/t?untl=end", "did you mean until, such as until=end?"),
            ("kafka://b/t?partition=1", "did you mean partitions, such as partitions=0-3?"),
            ("kafka://b/t?from-beginning", "did you mean start=beginning?"),
            ("kafka://b/t?start=-5", "5s"), ("kafka://b/t?start=--5s", "start=--5s"),
            ("kafka://b/t?start=@soon", "@2026-01-31T12:00:00Z or @1769860800"), ("kafka://b/t?until=@", "@1769860800"),
            ("kafka://b/t?start=@99999999999999999", "@1769860800"),
            ("kafka://b/t?start=@-9223372036854775808", "@1769860800"), ("kafka://b/t?start=@1.5e3", "@1769860800"),
            ("kafka://b/t?start=stored", "group=NAME"), ("kafka://b/t?partitions=3-1", "0-3,7"),
            ("kafka://b/t?partitions=-1", "0-3,7"), ("kafka://b/t?partitions=1,", "0-3,7"),
            ("kafka://b/t?partitions=1-2-3", "0-3,7"), ("kafka://b/t?partitions=2147483648", "0-3,7"),
            ("kafka://b/t?partitions=x", "0-3,7"), ("kafka://b/\(String(repeating: "x", count: 250))", "1 to 249"),
        ])
    func wrong(text: String, help: String) throws {
        let words = try #require(usage { _ = try KafkaURL(text) })
        #expect(words.contains(help), "\(words)")
        // The place is named, the options are only as far as they are wrong.
        #expect(words.hasPrefix("kafka:") && words.contains(": "))
    }
}
