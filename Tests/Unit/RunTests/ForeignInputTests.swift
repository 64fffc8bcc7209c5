import StreamEngine
import Testing

@testable import Run

@Suite("what an input that cannot be read is called, and what reads it") struct ForeignInputTests {
    @Test(
        "a file",
        arguments: [
            (.parquet, "it's.parquet", #"duckdb -c 'COPY (FROM '\''it'\'''\''s.parquet'\'') TO "#),
            (.avro, "a.avro", "fastavro a.avro | streamctl"),
            (.utf16, "a b.log", "iconv -f UTF-16 -t UTF-8 'a b.log' | streamctl"),
            (.gzip, "x.gz", "zcat x.gz | streamctl"),
            (.parquet, "stdin", "stdin is a Parquet file"), (.arrow, "c.arrow", "c.arrow is an Arrow file"),
            (.html, "p.html", "an HTML page, not JSON lines (an error page of the server?)"),
            (.binary, "prog", "binary data, not JSON lines"),
        ] as [(ForeignContent, String, String)])
    func files(content: ForeignContent, name: String, part: String) {
        #expect(content.message(name).contains(part), "\(content.message(name))")
    }

    @Test("messages of a topic, with the command that decodes them")
    func topics() {
        let url = "kafka://b1:9092,b2/events?start=beginning"
        #expect(
            ForeignContent.confluent.message(ofTopic: "events[3]", url, [0, 0, 0, 0, 17, 2])
                == "messages of events[3] are in Confluent wire format (schema 17), not JSON: kcat -C -q -u -b b1:9092,b2 "
                + "-t events -s value=avro -r http://REGISTRY:8081 | streamctl …")
        #expect(
            ForeignContent.gzip.message(ofTopic: "events[0]", url, [0x1f, 0x8b])
                == "messages of events[0] are gzip data, not JSON: kcat -C -q -u -b b1:9092,b2 -t events -f %s | zcat "
                + "| streamctl …")
        #expect(
            ForeignContent.binary.message(ofTopic: "events[0]", url, [1])
                == "messages of events[0] are binary data, not JSON")
        #expect(
            ForeignContent.parquet.message(ofTopic: "events[0]", url, [])
                == "messages of events[0] are a Parquet file, not JSON")
    }
}
