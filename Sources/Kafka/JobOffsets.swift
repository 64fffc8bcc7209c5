import CRDKafka
import Plan
import StreamEngine

/// The state of a job on the brokers: the committed offsets of its own consumer group, whose metadata holds the rest of
/// the checkpoint.
///
/// Each input partition carries its part of the checkpoint. Partition 0 of the output topic carries the common part,
/// and the whole checkpoint of a job that reads files.
struct JobOffsets {
    let group: String
    /// The partition that carries the common part.
    let carrier: TopicPartition
    /// The input partitions; empty for files.
    let inputs: [TopicPartition]

    /// By default, brokers accept so many bytes of metadata per offset.
    static let longestText = 4096
    private static let longestFingerprint = 2400

    func offsets(_ checkpoint: Checkpoint, fingerprint: String, epoch: Int64) -> [StoredOffset] {
        let common: [ControlJSON.Member] = [
            .init("epoch", .integer(epoch)), .init("fingerprint", .text(Self.shortened(fingerprint))),
            .init("checkpoint", .text(checkpoint.commonText)),
        ]
        func part(_ number: Int) -> [ControlJSON.Member] {
            [.init("number", .integer(Int64(number))), .init("partition", .text(checkpoint.partitionText(number)))]
        }
        func stored(_ partition: TopicPartition, _ offset: Int, _ members: [ControlJSON.Member]) -> StoredOffset {
            StoredOffset(partition: partition, offset: Int64(offset), text: ControlJSON.object(members).json)
        }
        guard !inputs.isEmpty else {
            // Files are no partitions of the brokers.
            let texts = checkpoint.input.partitions.indices.map { ControlJSON.text(checkpoint.partitionText($0)) }
            return [stored(carrier, 0, common + (texts.count < 2 ? part(0) : [.init("partitions", .array(texts))]))]
        }
        return [stored(carrier, 0, common)]
            + checkpoint.input.partitions.enumerated().compactMap { number, partition in
                TopicPartition(name: partition.committedChecksum.name).map {
                    stored($0, partition.committed.position, part(number))
                }
            }
    }

    /// The size of the checkpoint of several files if it is more than brokers store.
    func excess(_ offsets: [StoredOffset]) -> Int? {
        inputs.isEmpty ? offsets.map(\.text.utf8.count).first { $0 > Self.longestText } : nil
    }

    /// Replaces a long fingerprint with its hash, which still reveals any change.
    static func shortened(_ fingerprint: String) -> String {
        guard fingerprint.utf8.count > longestFingerprint else { return fingerprint }
        var hash = FNV1a()
        for byte in fingerprint.utf8 { hash.add(byte) }
        return "#\(hash.value)"
    }

    /// The number of the last commit of the job; 0 without one.
    static func epoch(_ texts: [String]) -> Int64 {
        for text in texts {
            if case .integer(let epoch) = (try? ControlJSON(parsing: text))?["epoch"], isValid(epoch) { return epoch }
        }
        return 0
    }

    /// Whether there can be another commit after it.
    private static func isValid(_ epoch: Int64) -> Bool { (0..<Int64.max).contains(epoch) }

    /// The state that the brokers have stored.
    struct Stored {
        var fingerprint: String
        var checkpoint: Checkpoint
        var epoch: Int64
    }

    /// - Parameter texts: metadata of the committed offsets, in any order.
    /// - Returns: nil if there is none.
    /// - Throws: `mismatch` if metadata of the job is missing or damaged.
    static func read(_ texts: [String], job: String) throws(RunError) -> Stored? {
        guard !texts.isEmpty else { return nil }
        var common: (epoch: Int64, fingerprint: String, checkpoint: String)?
        var parts: [Int64: String] = [:]
        for text in texts {
            let tree = try? ControlJSON(parsing: text)
            if case .integer(let number) = tree?["number"], case .text(let part) = tree?["partition"] {
                parts[number] = part
            }
            if case .array(let texts) = tree?["partitions"] {
                for (number, text) in texts.enumerated() {
                    if case .text(let part) = text { parts[Int64(number)] = part }
                }
            }
            if case .integer(let epoch) = tree?["epoch"], isValid(epoch),
                case .text(let fingerprint) = tree?["fingerprint"], case .text(let checkpoint) = tree?["checkpoint"]
            {
                common = (epoch, fingerprint, checkpoint)
            }
        }
        let ordered = (0..<Int64(parts.count)).compactMap { parts[$0] }
        let otherPartitions = RunError.mismatch(
            "job '\(job)' was started with other input topics or partitions, or another output topic; name those, "
                + "or use \(JobPlan.otherWays(job))")
        guard let common, ordered.count == parts.count else { throw otherPartitions }
        let checkpoint: Checkpoint
        do throws(CheckpointTextError) {
            checkpoint = try Checkpoint(parsing: common.checkpoint, partitions: ordered)
        } catch {
            guard error == .checksum else { throw otherPartitions }
            throw .mismatch(
                "the checkpoint of job '\(job)' is damaged (\(error)); use \(JobPlan.otherWays(job))")
        }
        return Stored(fingerprint: common.fingerprint, checkpoint: checkpoint, epoch: common.epoch)
    }
}

extension TopicPartition {
    /// `topic[3]`
    init?(name: String) {
        guard let bracket = name.lastIndex(of: "["), name.hasSuffix("]"),
            let id = Int32(name[name.index(after: bracket)...].dropLast())
        else { return nil }
        self.init(topic: String(name[..<bracket]), id: id)
    }
}
