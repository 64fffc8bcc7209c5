import Plan
import StreamEngine
import Testing

@testable import Kafka

@Suite("offsets of a job") struct JobOffsetsTests {
    private static let carrier = TopicPartition(topic: "out", id: 0)
    private static let inputs = [TopicPartition(topic: "in", id: 0), TopicPartition(topic: "in", id: 1)]
    private static let fingerprint = #"{"--where":"a = \"é\""}"#

    private static let checkpoint = {
        var checkpoint = Checkpoint()
        checkpoint.input.cluster = "c"
        checkpoint.input.partitions = (0..<2).map { number in
            var partition = PartitionCheckpoint()
            partition.committed.position = 10 + number
            partition.committedChecksum = PositionChecksum(name: "in[\(number)]", hash: -7, offset: 9 + number)
            return partition
        }
        return checkpoint
    }()

    /// As the first version wrote them.
    private static let texts = [
        #"{"epoch":4,"fingerprint":"{\"--where\":\"a = \\\"é\\\"\"}","checkpoint":"{\"format\":1,\"rows_af"#
            + #"ter\":0,\"closing\":false,\"finished\":false,\"held_back\":0,\"watermark\":-9223372036854775808,"#
            + #"\"restart_watermark\":-9223372036854775808,\"output_start\":0,\"output_at\":0,\"output\":0,\"rej"#
            + #"ects\":0,\"cluster\":\"c\",\"partitions\":2}"}"#,
        #"{"number":0,"partition":"{\"name_0\":\"in[0]\",\"at_input_0\":0,\"at_0\":10,\"at_hash_0\":-7,\"a"#
            + #"t_record_0\":9,\"latest_0\":-9223372036854775808,\"low_name_0\":\"\",\"low_input_0\":0,\"low_0\""#
            + #":0,\"low_hash_0\":0,\"low_watermark_0\":-9223372036854775808,\"low_latest_0\":-92233720368547758"#
            + #"08,\"low_punctuated_0\":false,\"low_unit_0\":\"\",\"low_lines_0\":0}"}"#,
        #"{"number":1,"partition":"{\"name_1\":\"in[1]\",\"at_input_1\":0,\"at_1\":11,\"at_hash_1\":-7,\"a"#
            + #"t_record_1\":10,\"latest_1\":-9223372036854775808,\"low_name_1\":\"\",\"low_input_1\":0,\"low_1\"#
            + #"":0,\"low_hash_1\":0,\"low_watermark_1\":-9223372036854775808,\"low_latest_1\":-9223372036854775"#
            + #"808,\"low_punctuated_1\":false,\"low_unit_1\":\"\",\"low_lines_1\":0}"}"#,
    ]
    private static let textOfFiles =
        #"{"epoch":1,"fingerprint":"{}","checkpoint":"{\"format\":1,\"rows_after\":0,\"closing\":false,\"f"#
        + #"inished\":false,\"held_back\":0,\"watermark\":-9223372036854775808,\"restart_watermark\":-922337"#
        + #"2036854775808,\"output_start\":0,\"output_at\":0,\"output\":0,\"rejects\":0,\"cluster\":\"\",\"p"#
        + #"artitions\":1}","number":0,"partition":"{\"name_0\":\"\",\"at_input_0\":0,\"at_0\":0,\"at_hash_0"#
        + #"\":0,\"at_record_0\":-1,\"latest_0\":-9223372036854775808,\"low_name_0\":\"\",\"low_input_0\":0,"#
        + #"\"low_0\":0,\"low_hash_0\":0,\"low_watermark_0\":-9223372036854775808,\"low_latest_0\":-92233720"#
        + #"36854775808,\"low_punctuated_0\":false,\"low_unit_0\":\"\",\"low_lines_0\":0}"}"#

    /// Texts without the checksum, which is in a text within them.
    private static func withoutChecksums(_ texts: [String]) -> [String] {
        texts.map { $0.replacing(/,\\"checksum\\":-?[0-9]+/, with: "") }
    }

    @Test("the texts are byte for byte those of earlier versions but for a checksum, and are read in any order")
    func golden() throws {
        let job = JobOffsets(group: "g", carrier: Self.carrier, inputs: Self.inputs)
        let offsets = job.offsets(Self.checkpoint, fingerprint: Self.fingerprint, epoch: 4)
        #expect(offsets.map(\.partition.name) == ["out[0]", "in[0]", "in[1]"])
        #expect(offsets.map(\.offset) == [0, 10, 11])
        #expect(Self.withoutChecksums(offsets.map(\.text)) == Self.texts)
        for texts in [Self.texts, Self.texts.reversed(), offsets.map(\.text)] {
            let stored = try #require(try JobOffsets.read(texts, job: "j"))
            #expect(stored.checkpoint == Self.checkpoint)
            #expect(stored.fingerprint == Self.fingerprint && stored.epoch == 4)
        }
    }

    @Test("a list shows what the offsets hold, whether it fits together or not") func listed() throws {
        let whole = try #require(JobOffsets.job("j", Self.texts.reversed()))
        #expect(whole.status == .unfinished && whole.output == "?")
        #expect(
            whole.positions == [
                StoredJob.Position(input: "in[0]", position: 10), StoredJob.Position(input: "in[1]", position: 11),
            ])
        #expect(JobOffsets.job("j", Array(Self.texts.prefix(2)))?.positions.count == 1)
        #expect(JobOffsets.job("j", []) == nil)
        #expect(JobOffsets.job("j", ["of another program", "{}"]) == nil)
        let finished = Self.texts[0].replacing(#"finished\":false"#, with: #"finished\":true"#)
            .replacing(#"{\"--where\":\"a = \\\"é\\\"\"}"#, with: #"{\"--output\":\"kafka://b/out\"}"#)
        let job = try #require(JobOffsets.job("j", [finished]))
        #expect(job.status == .finished && job.output == "kafka://b/out")
        #expect(JobOffsets.epoch(Self.texts) == 4 && JobOffsets.epoch([]) == 0)
    }

    @Test("files are stored in one text") func files() throws {
        let job = JobOffsets(group: "g", carrier: Self.carrier, inputs: [])
        let offsets = job.offsets(Checkpoint(), fingerprint: "{}", epoch: 1)
        #expect(Self.withoutChecksums(offsets.map(\.text)) == [Self.textOfFiles])
        #expect(offsets.map(\.partition) == [Self.carrier])
        #expect(try JobOffsets.read([Self.textOfFiles], job: "j")?.checkpoint == Checkpoint())
    }

    @Test("several files are stored in one text, which may be too large for brokers") func severalFiles() throws {
        let job = JobOffsets(group: "g", carrier: Self.carrier, inputs: [])
        var checkpoint = Checkpoint()
        checkpoint.input.partitions = (0..<3).map { number in
            var partition = PartitionCheckpoint()
            partition.committedChecksum.name = "app\(number).log"
            partition.committed.position = number
            return partition
        }
        let offsets = job.offsets(checkpoint, fingerprint: "{}", epoch: 1)
        #expect(offsets.map(\.partition) == [Self.carrier] && job.excess(offsets) == nil)
        #expect(try JobOffsets.read(offsets.map(\.text), job: "j")?.checkpoint == checkpoint)
        checkpoint.input.partitions[1].committedChecksum.name = String(repeating: "a", count: 5000)
        #expect(job.excess(job.offsets(checkpoint, fingerprint: "{}", epoch: 1)) != nil)
    }

    @Test("a missing or damaged text is an error; no texts are a new job") func damaged() throws {
        #expect(try JobOffsets.read([], job: "j") == nil)
        for missing in 0..<3 {
            var texts = Self.texts
            texts.remove(at: missing)
            #expect(throws: RunError.self) { try JobOffsets.read(texts, job: "j") }
            for damaged in ["", "{", "[]", String(Self.texts[missing].dropLast())] {
                texts = Self.texts
                texts[missing] = damaged
                #expect(throws: RunError.self, "\(damaged)") { try JobOffsets.read(texts, job: "j") }
            }
        }
    }

    @Test("a changed part is damage; another partition is not") func checksum() throws {
        let job = JobOffsets(group: "g", carrier: Self.carrier, inputs: Self.inputs)
        let texts = job.offsets(Self.checkpoint, fingerprint: Self.fingerprint, epoch: 4).map(\.text)
        for (number, old, new) in [
            (0, #"output\":0"#, #"output\":8"#), (1, #"at_0\":10"#, #"at_0\":11"#),
            (2, #"low_lines_1\":0"#, #"low_lines_1\":1"#),
        ] {
            var changed = texts
            changed[number] = changed[number].replacing(old, with: new)
            #expect(changed != texts)
            let error = #expect(throws: RunError.self) { try JobOffsets.read(changed, job: "j") }
            #expect(error?.kind == .mismatch && error?.text.contains("damaged") == true)
        }
        let fewer = #expect(throws: RunError.self) { try JobOffsets.read(Array(texts.prefix(2)), job: "j") }
        #expect(fewer?.text.contains("other input topics or partitions") == true)
        for epoch in ["-1", "9223372036854775807"] {
            let changed = [texts[0].replacing(#""epoch":4"#, with: "\"epoch\":\(epoch)")] + texts.dropFirst()
            #expect(JobOffsets.epoch(changed) == 0)
            #expect(throws: RunError.self) { try JobOffsets.read(changed, job: "j") }
        }
    }

    @Test("a long fingerprint is stored as its hash") func longFingerprint() {
        #expect(JobOffsets.shortened(String(repeating: "x", count: 2400)).utf8.count == 2400)
        #expect(JobOffsets.shortened(String(repeating: "x", count: 2401)) == "#14658124773902752135")
    }
}
