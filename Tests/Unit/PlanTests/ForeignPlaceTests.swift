import StreamEngine
import Testing

@testable import Plan

@Suite("Places that are not files") struct ForeignPlaceTests {
    static let inputs: [(String, String)] = [
        ("kafka:localhost/t", "write kafka://localhost/t"),
        ("kafka:/localhost:9092/t", "write kafka://localhost:9092/t"),
        ("file:///var/log/app.jsonl", "write the path alone: /var/log/app.jsonl"),
        ("file://localhost/var/log/app.jsonl", "write the path alone: /var/log/app.jsonl"),
        ("file:app.jsonl", "write the path alone: app.jsonl"),
        ("file://data/x.jsonl", "write the path alone: data/x.jsonl"),
        ("jdbc:postgresql://h/db", "cannot be used as input"),
        ("host=localhost dbname=iot", "postgresql://localhost/iot"),
        ("http://example.com/log", "curl -s 'http://example.com/log'"),
        ("https://example.com/log?token=x", "curl -s URL"),
        ("s3://bucket/x", "aws s3 cp s3://bucket/x -"),
        ("gs://bucket/x", "gcloud storage cat"),
        ("mysql://h/db", "cannot be used as input"),
        ("redis://h", "pipe the messages in"),
        ("mqtt://b/t", "mosquitto_sub -h HOST -t TOPIC | streamctl"),
        ("pulsar://b:6650/t", "pulsar-client consume | streamctl"),
        ("kinesis://clicks", "aws kinesis get-records | streamctl"),
        ("wss://h/p", "the manual has the whole command (RECIPES)"),
        ("xyz://h", "unknown scheme 'xyz://'"),
    ]

    @Test("are answered as inputs", arguments: inputs)
    func input(_ text: String, _ part: String) {
        #expect { try FileInputs.parse([text]) } throws: { ($0 as? UsageError)?.line.contains(part) == true }
    }

    static let outputs: [(String, String)] = [
        ("host=127.0.0.1 port=5433 user=app dbname=iot", "-o postgresql://app@127.0.0.1:5433/iot"),
        ("service=prod", "-o postgresql:///?service=prod"),
        ("dbname=iot", "-o postgresql:///iot"),
        ("jdbc:postgresql://h/db", "leave out 'jdbc:'"),
        ("jdbc:mysql://h/db", "only Postgres"),
        ("mysql://h/db", "the only database is Postgres"),
        ("clickhouse://h/db", "write -f csv"),
        ("kafka:h/t", "write kafka://h/t"),
        ("postgres:iot", "postgresql://HOST/DATABASE"),
        ("file:///tmp/x.csv", "write the path alone: /tmp/x.csv"),
        ("s3://bucket/x", "write a file and copy it"),
    ]

    @Test("are answered as outputs", arguments: outputs)
    func output(_ text: String, _ part: String) {
        #expect { try FileOutput.parse(text) } throws: { ($0 as? UsageError)?.line.contains(part) == true }
    }

    @Test(
        "no answer repeats a password",
        arguments: [
            "mysql://u:secret@h/db", "jdbc:postgresql://u:secret@h/db?password=secret", "xyz://u:secret@h/db",
            "host=h password=secret dbname=d", "kafka:u:secret@h/t", "https://u:secret@h/x",
            "host=h dbname=d user='x secret'", "s3://h/x?key=secret",
        ])
    func secrets(_ text: String) {
        for parse in [{ _ = try FileInputs.parse([text]) }, { _ = try FileOutput.parse(text) }] as [() throws -> Void] {
            #expect { try parse() } throws: { !"\($0)".contains("secret") }
        }
    }

    @Test(
        "the name of a file says its format",
        arguments: [
            ("a.csv", .csv), ("a.b.CSV", .csv), ("a.tsv", .tsv), ("a.json", .json), ("a.jsonl", .json),
            ("a.ndjson", .json), ("a.txt", nil), ("a", nil), ("-", nil), ("csv", nil), (".csv/a", nil),
        ] as [(String, OutputFormat?)])
    func formats(_ name: String, _ format: OutputFormat?) {
        #expect(FileOutput(path: name).impliedFormat == format)
    }

    @Test(
        "brokers of an unfinished URL",
        arguments: [
            ("kafka://b:9092/", "b:9092"), ("kafka://b1,b2/ev", "b1,b2"), ("kafka://b", nil), ("kafka:///", nil),
            ("kafka://u@b/", nil), ("b/", nil), ("kafka://b:x/", nil),
        ] as [(String, String?)])
    func brokers(_ text: String, _ brokers: String?) {
        #expect(KafkaURL.brokers(ofUnfinished: text) == brokers)
    }
}

extension UsageError {
    /// Its text.
    fileprivate var line: String {
        switch self {
        case .message(let text), .noSuchInput(let text): text
        case .noInput: ""
        }
    }
}
