import Plan
import StreamEngine
import Testing

@testable import Command

@Suite("Topics and their metadata") struct TopicTests {
    private static let topic = "kafka://b1:9092,b2/readings?start=beginning"

    @Test("a URL of a topic is an input and an output; messages leave out its settings") func urls() throws {
        let plan = try #require(read("\(Self.topic) -o kafka://b/out --count").plan)
        #expect(plan.input as? KafkaURL == (try KafkaURL(Self.topic)))
        #expect((plan.output as? KafkaOutput)?.url == (try KafkaURL("kafka://b/out")))
        #expect(plan.input.names == ["kafka://b1:9092,b2/readings"] && plan.output.name == "kafka://b/out")
    }

    @Test("metadata columns are called by their names without the @") func names() throws {
        let line = "\(Self.topic) -g @topic,p=@partition --max @offset -a distinct(@key) --first seen=@kafka_time"
        let plan = try #require(read(line).plan)
        #expect(plan.query.resultColumns == ["topic", "p", "max_offset", "distinct_key", "seen"])
        let selected = try #require(read("\(Self.topic) --select '@topic,@offset,k=@key' -f csv").plan)
        #expect(selected.query.resultColumns == ["topic", "offset", "k"])
    }

    @Test("the time of messages is an event time, and a computed field may be another") func time() throws {
        let plan = try #require(read("\(Self.topic) -t @kafka_time -w 1m").plan)
        guard case .field(let path, .iso) = plan.query.time, path.sourceColumn == .time else {
            Issue.record("not the time of messages")
            return
        }
        #expect(plan.explanation().contains("the message timestamp, @kafka_time"))
        #expect(read("\(Self.topic) --let 't=@kafka_time - 5' -t t -w 1m").plan != nil)
    }

    @Test("columns that only rows have are not metadata") func rows() throws {
        #expect(read("\(Self.topic) -g @topic --count --having 'topic = 1'").plan != nil)
        let error = try #require(read("\(Self.topic) -g @topic --count --having '@topic = 1'").error)
        #expect(error.contains("unknown column '@topic'") && error.contains("the columns are topic, count"))
        // Of a field in quotes.
        #expect(read("f -g '\"@topic\"' --count --having '\"@topic\" = 1'").plan != nil)
    }

    @Test(
        "other inputs have no metadata",
        arguments: [
            ("f -g @offset", "@offset", "a file"), ("f --where '@key is null'", "@key", "a file"),
            ("f --let a=@topic", "@topic", "a file"), ("f --sum @partition", "@partition", "a file"),
            ("f --select a,@kafka_time", "@kafka_time", "a file"), ("f -t @kafka_time", "@kafka_time", "a file"),
            ("- -a 'a=max(@offset + 1)'", "@offset", "standard input"), ("-g @key", "@key", "standard input"),
            ("demo:sensors -g @topic", "@topic", "the demo source"),
        ])
    func refuses(_ line: String, _ name: String, _ kind: String) throws {
        let hint = "for a field of that name, write \"\(name)\""
        #expect(
            read(line).error == "streamctl: \(name) is Kafka metadata, but the input is \(kind); \(hint)\n")
    }

    @Test("a name in quotes, and one with an @ that is usual in logs, is that of a field")
    func fields() throws {
        for line in [
            "f -g '\"@offset\"'", "f --where '\"@key\" > 1'", "f -t @timestamp -w 1m", "f -g @metadata.beat,@l",
            "f -g '\"@offsets\"'",
            "f -g '\"@key\".a'",
        ] {
            #expect(read(line).plan != nil)
        }
        #expect(try #require(read("f -g '\"@offset\"'").plan).query.resultColumns == ["@offset", "count"])
        #expect(try #require(read("f -g '\"@offset\"=a'").plan).query.resultColumns == ["@offset", "count"])
    }

    @Test(
        "rules of metadata",
        arguments: [
            ("-t @offset -w 1m", ["--time @offset is not a time", "\"@offset\"", "@kafka_time"]),
            ("-t @kafka_time --time-format iso", ["--time-format iso", "remove it for --time @kafka_time"]),
            ("-g @topic,topic", ["two columns are named 'topic'", "NAME="]),
            ("-g @arrival", ["@arrival is not a field"]),
            ("--let @key=a", ["@key is metadata", "choose another name"]),
            ("-g @kye", ["no metadata @kye", "did you mean @key?", "@kafka_time"]),
            ("--where '@header = 1'", ["no metadata @header", "the", "names are @key", "write \"@header\""]),
            ("--sum @offsets", ["did you mean @offset?"]), ("-a 'n=max(@Key)'", ["no metadata @Key"]),
            ("-t @time -w 1m", ["no metadata @time"]), ("--select @topic.a", ["@topic has no parts", "\"@topic\".a"]),
            ("-g @offset=a", ["'@offset' is not a column name", "quotes"]),
            ("-t @kafka_time --punctuate", ["--punctuate requires a time column", "--select"]),
            ("-t @kafka_time -w 1m --punctuate -f csv", ["--punctuate"]),
        ] as [(String, [String])])
    func rules(_ flags: String, _ parts: [String]) throws {
        let text = try #require(read("\(Self.topic) \(flags)").error)
        for part in parts { #expect(text.contains(part)) }
    }
}
