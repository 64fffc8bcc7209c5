import Testing

@testable import StreamEngine

@Suite("checkpoint text") struct CheckpointTextTests {
    private static let anchors: [Int64?] = [nil, 0, -1, .min, 1_700_000_000_000_000]

    /// The checkpoints of the golden file.
    private static let samples: [String: Checkpoint] = {
        var files = Checkpoint()
        files.input.files.committed = InputPosition(input: 1, position: 9)
        files.input.files.latest = 1_700_000_000_123_456
        files.input.files.restart = InputPosition(input: 0, position: 7)
        files.input.files.committedChecksum = PositionChecksum(name: "a \"quoted\" näme\n\u{7f}\u{1}/\\", hash: -5)
        files.input.files.restartChecksum = PositionChecksum(name: "dir/first.jsonl", hash: Int64.max)
        files.input.files.restartState.watermark = -1
        files.input.files.restartState.latest = 17
        files.input.files.restartState.lines = 12
        files.output.rowsAfter = 3
        files.output.isClosing = true
        files.output.isFinished = true
        files.input.heldBack = 41
        files.time.watermark = 1_699_999_999_000_000
        files.time.restartWatermark = -62_135_596_800_000_000
        files.output.start = 100
        files.output.committedLength = 200
        files.output.length = 300
        files.output.rejectsLength = 50
        return ["default": Checkpoint(), "files": files, "topic": topic]
    }()

    /// A checkpoint of twelve partitions.
    static let topic: Checkpoint = {
        var topic = Checkpoint()
        topic.input.cluster = "a \"cluster\""
        topic.time.watermark = 5
        topic.input.partitions = (0..<12).map { number in
            var partition = PartitionCheckpoint()
            partition.committed = InputPosition(input: 0, position: number * 7)
            partition.restart = InputPosition(input: 0, position: number)
            partition.latest = Int64(number) - 3
            partition.committedChecksum = PositionChecksum(
                name: "topic[\(number)]", hash: Int64(number) - 5, offset: number - 1)
            partition.restartState.isPunctuated = number % 3 == 0
            partition.restartState.lines = number
            partition.restartState.watermark = Int64(number) << 40
            return partition
        }
        return topic
    }()

    private static func random(_ random: inout SeededGenerator) -> Checkpoint {
        func integer() -> Int64 { random.pick([0, 1, -1, .min, .max, Int64(random.below(1 << 40))]) }
        func count() -> Int { random.pick([0, 1, Int.max, random.below(1 << 40)]) }
        func name() -> String { random.pick(["", "stdin", "topic[7]", "a \"quoted\" näme\n", "\u{1}\u{7f}\\"]) }
        func checksum() -> PositionChecksum { PositionChecksum(name: name(), hash: integer(), offset: count() - 1) }
        var checkpoint = Checkpoint()
        checkpoint.input.cluster = name()
        checkpoint.input.heldBack = count()
        checkpoint.time = TimeCheckpoint(watermark: integer(), restartWatermark: integer())
        checkpoint.output = OutputCheckpoint(
            rowsAfter: count(), isClosing: random.below(2) == 0, isFinished: random.below(2) == 0, start: count(),
            committedLength: count(), length: count(), rejectsLength: count(),
            rejectsMark: integer())
        checkpoint.tables = (0..<random.below(3)).map { _ in
            TableCheckpoint(name(), LookupTable.Content(size: count(), hash: integer()))
        }
        checkpoint.input.partitions = (0..<(1 + random.below(12))).map { _ in
            var partition = PartitionCheckpoint()
            let positions = [0, 1].map { _ in InputPosition(input: random.below(3), position: count()) }.sorted()
            (partition.restart, partition.committed) = (positions[0], positions[1])
            partition.latest = integer()
            partition.committedChecksum = checksum()
            partition.restartChecksum = PositionChecksum(name: name(), hash: integer())
            partition.restartState.watermark = integer()
            partition.restartState.latest = integer()
            partition.restartState.isPunctuated = random.below(2) == 0
            partition.restartState.yearAnchor = random.pick(anchors)
            partition.restartState.lines = count()
            partition.restartState.input = partition.restart.input
            return partition
        }
        return checkpoint
    }

    private static func kind(_ tree: ControlJSON) -> Int {
        switch tree {
        case .object: 0
        case .array: 1
        case .text: 2
        case .integer: 3
        case .boolean: 4
        }
    }

    private static func members(_ text: String) throws -> [ControlJSON.Member] {
        guard case .object(let members) = try ControlJSON(parsing: text) else { return [] }
        return members
    }

    /// Earlier versions stored the unit of epoch numbers.
    private static func withoutUnits(_ text: String) -> String {
        ["s", "ms", "us", "ns"].reduce(text) { text, unit in
            text.split(separator: ":\"\(unit)\"", omittingEmptySubsequences: false).joined(separator: ":\"\"")
        }
    }

    /// A text as earlier versions wrote it.
    private static func withoutChecksums(_ text: String) -> String {
        text.replacing(/,"checksum":-?[0-9]+/, with: "")
    }

    /// The text with another checksum, or with none.
    private static func text(_ members: [ControlJSON.Member], hasChecksum: Bool = true) -> String {
        let others = members.filter { $0.name != CheckpointChecksum.name }
        return ControlJSON.object(others + (hasChecksum ? [CheckpointChecksum.member(completing: others)] : [])).json
    }

    @Test("the text is byte for byte what earlier versions wrote, without units, and theirs is read")
    func golden() throws {
        var parts: [String: (common: String, partitions: [String])] = [:]
        for row in try goldenRows("checkpoints.tsv") {
            try #require(row.count == 3)
            let (name, text) = (row[0], row[2])
            let sample = try #require(Self.samples[name])
            switch row[1] {
            case "all":
                #expect(Self.withoutChecksums(sample.text) == Self.withoutUnits(text))
                #expect(Checkpoint(text: text) == sample)
            // As a database returns it: other white space, other order.
            case "jsonb": #expect(Checkpoint(text: text) == sample)
            case "common":
                #expect(Self.withoutChecksums(sample.commonText) == Self.withoutUnits(text))
                parts[name, default: ("", [])].common = text
            default:
                #expect(sample.partitionText(try #require(Int(row[1]))) == Self.withoutUnits(text))
                parts[name, default: ("", [])].partitions.append(text)
            }
        }
        #expect(parts.count == Self.samples.count)
        for (name, part) in parts {
            #expect(try Checkpoint(parsing: part.common, partitions: part.partitions) == Self.samples[name])
        }
    }

    @Test("what is written is read back, in any order, with unknown members and white space")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let checkpoint = Self.random(&random)
            #expect(Checkpoint(text: checkpoint.text) == checkpoint)
            let texts = checkpoint.input.partitions.indices.map { checkpoint.partitionText($0) }
            #expect(try Checkpoint(parsing: checkpoint.commonText, partitions: texts) == checkpoint)
            var members = try Self.members(checkpoint.text)
            for name in ["new", "at_", "at_00", "at_99", "at_x", "_0", "at_1_", "at_18446744073709551616", "néw_0"] {
                members.append(.init(name, ControlJSONTests.random(&random)))
            }
            // Without a checksum, an unknown member may be the checksum, with a damaged name.
            #expect(Checkpoint(text: Self.text(members, hasChecksum: false)) == nil)
            members = try Self.members(Self.text(members))
            members.shuffle(using: &random)
            #expect(Checkpoint(text: ControlJSONTests.spaced(.object(members), &random)) == checkpoint)
        }
    }

    @Test("a member that is missing, there twice or of another kind is an error that names it")
    func everyMember() throws {
        func refused(_ members: [ControlJSON.Member]) -> CheckpointTextError? {
            do throws(CheckpointTextError) {
                _ = try Checkpoint(parsing: ControlJSON.object(members).json)
                return nil
            } catch {
                return error
            }
        }
        let sample = try #require(Self.samples["topic"])
        let members = try Self.members(sample.text)
        #expect(members.count == 13 + 12 * 15 + 1 && refused(members) == nil)
        for (index, member) in members.enumerated() where member.name != CheckpointChecksum.name {
            var changed = members
            changed.remove(at: index)
            #expect(refused(changed) == .member(member.name))
            #expect(refused(members + [member]) == .member(member.name))
            for value: ControlJSON in [.text(""), .integer(0), .boolean(true), .array([]), .object([])]
            where Self.kind(value) != Self.kind(member.value) {
                changed = members
                changed[index].value = value
                #expect(refused(changed) == .member(member.name), "\(value)")
            }
        }
        for (name, value) in [
            ("format", ControlJSON.integer(2)), ("rows_after", .integer(-1)), ("rejects", .integer(.min)),
            ("at_input_11", .integer(-1)), ("low_lines_3", .integer(-1)), ("low_unit_0", .text("h")),
            ("partitions", .integer(0)), ("partitions", .integer(13)), ("partitions", .integer(.max)),
        ] {
            let changed = members.map { $0.name == name ? .init(name, value) : $0 }
            #expect(refused(changed) == .member(name))
        }
        // Only the mark of the rejects file may be missing. The checksum of the sample does not cover it.
        let unsealed = members.filter { $0.name != CheckpointChecksum.name }
        #expect(Checkpoint(text: ControlJSON.object(unsealed).json)?.output.rejectsMark == 0)
        for (value, mark) in [(ControlJSON.integer(7), Int64(7)), (.integer(0), 0)] {
            let marked = Checkpoint(text: ControlJSON.object(unsealed + [.init("rejects_file", value)]).json)
            #expect(marked?.output.rejectsMark == mark)
        }
        #expect(refused(members + [.init("rejects_file", .integer(7))]) == .checksum)
        #expect(refused(members + [.init("rejects_file", .text("r"))]) == .member("rejects_file"))
        // The restart position cannot come after the committed one.
        let late = members.map { $0.name == "low_5" ? .init("low_5", .integer(36)) : $0 }
        #expect(refused(late) == .member("low_5"))
        #expect(Checkpoint(text: "[]") == nil && Checkpoint(text: "{}") == nil && Checkpoint(text: "") == nil)
    }

    @Test("a valid text with any other value, or with members exchanged, does not match its checksum")
    func checksum() throws {
        var random = SeededGenerator(seed: 13)
        for _ in 0..<100 {
            let checkpoint = Self.random(&random)
            let members = try Self.members(checkpoint.text)
            for (index, member) in members.enumerated() {
                var changed = members
                switch member.value {
                case .integer(let number): changed[index].value = .integer(number ^ (1 << random.below(63)))
                case .boolean(let value): changed[index].value = .boolean(!value)
                case .text(let text): changed[index].value = .text(text + "1")
                default: continue
                }
                #expect(Checkpoint(text: ControlJSON.object(changed).json) == nil, "\(member.name)")
                let other = random.below(members.count)
                guard members[other].value != member.value else { continue }
                changed[index].value = members[other].value
                changed[other].value = member.value
                #expect(Checkpoint(text: ControlJSON.object(changed).json) == nil, "\(member.name)")
            }
            let texts = checkpoint.input.partitions.indices.map { checkpoint.partitionText($0) }
            let number = random.below(texts.count)
            var other = checkpoint
            other.input.partitions[number].restartState.lines ^= 1
            for (common, number, part) in [
                (other.commonText, number, texts[number]), (checkpoint.commonText, number, other.partitionText(number)),
            ] {
                var parts = texts
                parts[number] = part
                #expect(throws: CheckpointTextError.checksum) {
                    try Checkpoint(parsing: common, partitions: parts)
                }
            }
        }
    }

    @Test("no truncation of a text is a checkpoint, and garbage never traps")
    func garbage() throws {
        var random = SeededGenerator(seed: 12)
        var accepted = 0
        let whole = Array(Checkpoint().text.utf8)
        for count in whole.indices {
            #expect(Checkpoint(text: String(decoding: whole[..<count], as: UTF8.self)) == nil)
        }
        for _ in 0..<30 {
            let checkpoint = Self.random(&random)
            let (text, old) = (Array(checkpoint.text.utf8), Array(Self.withoutChecksums(checkpoint.text).utf8))
            for _ in 0..<30 {
                let count = random.below(text.count)
                #expect(Checkpoint(text: String(decoding: text[..<count], as: UTF8.self)) == nil)
            }
            for round in 0..<120 {
                let isOld = round % 2 == 0
                var bytes = isOld ? old : text
                for _ in 0..<(1 + random.below(3)) {
                    let place = random.below(bytes.count)
                    switch random.below(3) {
                    case 0: bytes.remove(at: place)
                    case 1: bytes[place] = UInt8(random.below(128))
                    default: bytes.insert(random.pick(Array("0123456789-\"{}[],:_".utf8)), at: place)
                    }
                }
                guard let read = Checkpoint(text: String(decoding: bytes, as: UTF8.self)) else { continue }
                // Texts of earlier versions have nothing that shows a changed digit.
                accepted += isOld ? 1 : 0
                #expect(isOld || read == checkpoint)
                #expect(Checkpoint(text: read.text) == read)
            }
        }
        #expect(accepted > 50)
    }

    @Test("20 000 partitions are written and read in time", .timeLimit(.minutes(1)))
    func manyPartitions() {
        var checkpoint = Checkpoint()
        checkpoint.input.partitions = Array(repeating: PartitionCheckpoint(), count: 20_000)
        #expect(Checkpoint(text: checkpoint.text) == checkpoint)
    }
}
