import Foundation
import Testing

@Suite("jobs of earlier versions") struct JobResumeTests {
    /// What the first version wrote after the first two records, and after all four.
    private static let fingerprint =
        #"{"--time":"t","--watermark":"5s","--tumbling":"1m","--by":"k","--where":"k != 'x\"y'","--output":"out","#
        + #""aggregates":"--count"}"#
    private static let before =
        #"{"format":1,"rows_after":2,"closing":true,"finished":true,"held_back":0,"watermark":1767225656000000,"#
        + #""restart_watermark":-9223372036854775808,"output_start":0,"output_at":0,"output":195,"rejects":0,"#
        + #""cluster":"","partitions":1,"name_0":"in.jsonl","at_input_0":0,"at_0":81,"at_hash_0":8734716049098585581,"#
        + #""at_record_0":-1,"latest_0":1767225661000000,"low_name_0":"in.jsonl","low_input_0":0,"low_0":0,"#
        + #""low_hash_0":-3750763034362895579,"low_watermark_0":-9223372036854775808,"#
        + #""low_latest_0":-9223372036854775808,"low_punctuated_0":false,"low_unit_0":"","low_lines_0":0}"#
    private static let after =
        #"{"format":1,"rows_after":1,"closing":true,"finished":true,"held_back":0,"watermark":1767225777000000,"#
        + #""restart_watermark":1767225656000000,"output_start":0,"output_at":195,"output":289,"rejects":0,"#
        + #""cluster":"","partitions":1,"name_0":"in.jsonl","at_input_0":0,"at_0":155,"at_hash_0":2022956864570167387,"#
        + #""at_record_0":-1,"latest_0":1767225782000000,"low_name_0":"in.jsonl","low_input_0":0,"low_0":81,"#
        + #""low_hash_0":8734716049098585581,"low_watermark_0":1767225656000000,"low_latest_0":1767225661000000,"#
        + #""low_punctuated_0":false,"low_unit_0":"1767225661000000","low_lines_0":2}"#

    private static let records =
        "{\"t\":\"2026-01-01T00:00:01Z\",\"k\":\"a \\\"é\\\"\"}\n{\"t\":\"2026-01-01T00:01:01Z\",\"k\":\"b\"}\n"
    private static let more =
        "{\"t\":\"2026-01-01T00:01:02Z\",\"k\":\"b\"}\n{\"t\":\"2026-01-01T00:03:02Z\",\"k\":\"c\"}\n"
    private static let first =
        #"{"k":"a \"é\"","window_start":"2026-01-01T00:00:00Z","window_end":"2026-01-01T00:01:00Z","count":1}"# + "\n"
    private static let second =
        #"{"k":"b","window_start":"2026-01-01T00:01:00Z","window_end":"2026-01-01T00:02:00Z","count":"#
    private static let third =
        #"{"k":"c","window_start":"2026-01-01T00:03:00Z","window_end":"2026-01-01T00:04:00Z","count":1}"# + "\n"

    private static let command =
        "streamctl in.jsonl -t t -W 5s -w 1m --by k --count --where \"k != 'x\\\"y'\" -o out --job j --state-dir ."

    /// A text as earlier versions wrote it.
    private static func withoutChecksums(_ text: String) -> String {
        text.replacing(/,"checksum":-?[0-9]+/, with: "")
    }

    private static func write(_ text: String, _ name: String, in folder: URL) throws {
        try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    private static func read(_ name: String, in folder: URL) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    @Test("a job file is byte for byte what earlier versions wrote, with a checksum") func written() throws {
        try withScratchFolder { folder in
            try Self.write(Self.records, "in.jsonl", in: folder)
            let outcome = try shell(Self.command, in: folder)
            #expect(outcome.status == 0 && outcome.messages == "streamctl: job 'j' starts\n")
            let file = try Self.read("j.job", in: folder)
            expectSame(Self.withoutChecksums(file), "\(Self.fingerprint)\n\(Self.before)\n")
            #expect(file != Self.withoutChecksums(file))
            expectSame(try Self.read("out", in: folder), Self.first + Self.second + "1}\n")
        }
    }

    @Test("a job that an earlier version left is resumed") func resumed() throws {
        try withScratchFolder { folder in
            try Self.write(Self.records + Self.more, "in.jsonl", in: folder)
            try Self.write("\(Self.fingerprint)\n\(Self.before)\n", "j.job", in: folder)
            try Self.write(Self.first + Self.second + "1}\n", "out", in: folder)
            let outcome = try shell(Self.command, in: folder)
            #expect(outcome.status == 0 && outcome.messages == "streamctl: job 'j' resumes at byte 81 of in.jsonl\n")
            let file = Self.withoutChecksums(try Self.read("j.job", in: folder))
            expectSame(file, "\(Self.fingerprint)\n\(Self.after)\n")
            expectSame(try Self.read("out", in: folder), Self.first + Self.second + "2}\n" + Self.third)
        }
    }

    @Test("a job whose input ends anywhere and grows later has the rejects of one run over all of it")
    func grown() throws {
        let long = String(repeating: "x", count: 90)
        let records = [1, 2, 3, 4, 5].map { "{\"t\":\($0)}\n" }
        let ends = ["bad\n", "{\"t\":2,\"k\":\"\(long)\"}\n", "{\"k\":\"\(long)\"}\n\n", "bad\n", ""]
        let input = String(zip(records, ends).map { $0 + $1 }.joined().dropLast())
        let command = "streamctl in -t t --time-format s -w 2s --count --max-line 40 --rejects rejects -o out"
        let job = command + " --job j --state-dir ."
        let expected = try withScratchFolder { folder in
            try Self.write(input, "in", in: folder)
            #expect(try shell(command, in: folder).status == 0)
            return try (Self.read("out", in: folder), Self.read("rejects", in: folder))
        }
        for end in 1..<input.utf8.count {
            try withScratchFolder { folder in
                try Self.write(String(input.prefix(end)), "in", in: folder)
                #expect(try shell(job, in: folder).status == 0)
                // The job waits for the rest of the last line.
                try Self.write(input + "\n", "in", in: folder)
                #expect(try shell(job, in: folder).status == 0)
                #expect(try Self.read("out", in: folder) == expected.0, "cut at \(end)")
                #expect(try Self.read("rejects", in: folder) == expected.1, "cut at \(end)")
            }
        }
    }

    @Test("a damaged checkpoint and other flags are errors that say so") func refused() throws {
        try withScratchFolder { folder in
            try Self.write(Self.records + Self.more, "in.jsonl", in: folder)
            func message(_ fingerprint: String, _ checkpoint: String) throws -> String {
                try Self.write("\(fingerprint)\n\(checkpoint)\n", "j.job", in: folder)
                let outcome = try shell(Self.command, in: folder)
                #expect(outcome.status == 78 && outcome.text == "")
                return outcome.messages
            }
            let damaged = try message(Self.fingerprint, String(Self.before.dropLast()))
            #expect(damaged.contains("byte 563: expected ',' or a closing bracket"))
            let format = Self.before.replacing("\"format\":1", with: "\"format\":2")
            #expect(try message(Self.fingerprint, format).contains("no valid member 'format'"))
            let other = Self.fingerprint.replacing("1m", with: "2m")
            #expect(try message(other, Self.before).contains("--tumbling was '2m', now '1m'"))
            #expect(try message("#17", Self.before).contains("different options"))
            let unknown = Self.before.replacing("}", with: ",\"chec+sum\":1}")
            #expect(try message(Self.fingerprint, unknown).contains("its checksum does not match"))
        }
    }
}
