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
            (
                .parquet, "stdin",
                "stdin is a Parquet file, which must be in a file: duckdb -c 'COPY (FROM '\\''FILE.parquet"
            ),
            (.tar, "x.tar.gz", "tar -xOf x.tar.gz | streamctl"),
            (.utf32, "x", "iconv -f UTF-32 -t UTF-8 x | streamctl"),
            (.oneByteText, "x", "x is text that is not UTF-8: iconv -f WINDOWS-1252 -t UTF-8 x | streamctl"),
            (.utf16, "stdin", "… | iconv -f UTF-16 -t UTF-8 | streamctl"),
            (.arrow, "c.arrow", "c.arrow is an Arrow file"),
            (.html, "p.html", "an HTML page, not JSON lines (an error page of the server?)"),
            (.binary, "prog", "binary data, not JSON lines"),
        ] as [(ForeignContent, String, String)])
    func files(content: ForeignContent, name: String, part: String) {
        #expect(content.message(name).contains(part), "\(content.message(name))")
    }

    @Test(
        "a file whose text names what it is, with the command that changes it",
        arguments: [
            (
                "#Version: 1.0\n#Fields: date time s-ip cs(User-Agent)\n2026-02-03 07:08:09 10.0.0.1 x\n", "u_ex.log",
                "is a W3C extended log, not JSON lines: grep -v '^#' u_ex.log | streamctl -W none -i csv --delimiter ' ' "
                    + "--no-header --columns 'date,time,s-ip,cs(User-Agent)' --let \"at=concat(date, ' ', time)\" -t at …"
            ),
            (
                "#Fields: date time sc-bytes\n2026-02-03\t07:08:09\t5\n", "E1.gz",
                "zgrep -v '^#' E1.gz | streamctl -W none -i tsv --no-header --columns date,time,sc-bytes --let"
            ),
            (
                "#separator \\x09\n#fields\tts\tuid\tid.orig_h\n1770102489.123\tC1\t1.2.3.4\n", "conn.log",
                "is a Zeek log, not JSON lines: grep -v '^#' conn.log | streamctl -W none -i tsv --no-header "
                    + "--columns ts,uid,id.orig_h -t ts …"
            ),
            ("time:1\thost:a\ntime:2\thost:b\n", "l.ltsv", "is LTSV, not JSON lines: sed 's/"),
            ("75 <34>1 2026-02-03T07:08:09Z h a - - - x\n", "stdin", "… | sed 's/^[0-9]* //' | streamctl -i syslog …"),
            ("sep=;\nid;v\n1;2\n", "e.csv", "tail -n +2 e.csv | streamctl -W none -i csv --delimiter ';' …"),
        ])
    func labelled(text: String, name: String, part: String) throws {
        let head = Array(text.utf8)
        let message = try #require(ForeignContent(head)).message(name, head)
        #expect(message.contains(part), "\(message)")
    }

    @Test("plain text, with the pattern that reads its first line")
    func text() {
        let head = Array("2026/02/03 07:08:09 [error] 123#0: it's\n".utf8)
        #expect(
            ForeignContent.text.message("x.log", head)
                == #"x.log is plain text, not JSON lines: streamctl --regex "#
                + #"'^(?<time>\S+ +\S+)\W+(?<level>\w+)\S*\s+(?<message>.*)' -t time x.log …"#)
        #expect(ForeignContent.text.message("x.log", Array("a b\n".utf8)).hasSuffix("streamctl -i lines x.log …"))
        let klog = Array("I0203 07:08:09.123456   12345 controller.go:116] x\n".utf8)
        #expect(
            ForeignContent.text.message("stdin", klog).hasSuffix("-t time --time-format '%m%d %H:%M:%S%.f' …"))
    }

    @Test("messages of a topic, with the command that decodes them")
    func topics() {
        let url = "kafka://b1:9092,b2/events?start=beginning"
        #expect(
            ForeignContent.confluent.message(ofTopic: "events[3]", url, [0, 0, 0, 0, 17, 2])
                == "messages of events[3] are in Confluent wire format (schema 17), not JSON: add "
                + "-X schema.registry.url=http://REGISTRY:8081, or kcat -C -q -u -b b1:9092,b2 "
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
