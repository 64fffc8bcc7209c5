import CRDKafka
import StreamEngine

/// A job as the brokers remember it: the positions of a group of its own, with the rest as texts beside them.
///
/// Every partition that is read keeps its part of the checkpoint. What they have in common stands beside partition 0 of
/// the topic that is written to, and so does all of a job that reads files.
struct JobOffsets {
    let group: String
    /// Where the common part is kept.
    let carrier: TopicPartition
    /// The partitions that are read; none for files.
    let inputs: [TopicPartition]

    /// Brokers take 4096 bytes of text with a position.
    private static let longestFingerprint = 2400

    func offsets(_ checkpoint: Checkpoint, fingerprint: String, epoch: Int64) -> [StoredOffset] {
        let common: [(String, FlatObject.Member)] = [
            ("epoch", .integer(epoch)), ("fingerprint", .text(Self.shortened(fingerprint))),
            ("checkpoint", .text(checkpoint.commonText)),
        ]
        func part(_ number: Int) -> [(String, FlatObject.Member)] {
            [("number", .integer(Int64(number))), ("partition", .text(checkpoint.partitionText(number)))]
        }
        guard !inputs.isEmpty else {
            return [StoredOffset(partition: carrier, offset: 0, text: FlatObject.text(common + part(0)))]
        }
        return [StoredOffset(partition: carrier, offset: 0, text: FlatObject.text(common))]
            + checkpoint.partitions.enumerated().compactMap { number, partition in
                TopicPartition(name: partition.committedChecksum.name).map { place in
                    StoredOffset(
                        partition: place, offset: Int64(partition.at.position), text: FlatObject.text(part(number)))
                }
            }
    }

    /// A long one as its hash: it still tells whether it has changed.
    static func shortened(_ fingerprint: String) -> String {
        guard fingerprint.utf8.count > longestFingerprint else { return fingerprint }
        var hash = FNV1a()
        for byte in fingerprint.utf8 { hash.add(byte) }
        return "#\(hash.value)"
    }

    /// What was kept.
    struct Stored {
        var fingerprint: String
        var checkpoint: Checkpoint
        var epoch: Int64
    }

    /// - Parameter texts: those beside the positions, in any order.
    /// - Returns: nil when there are none.
    /// - Throws: `mismatch` for texts that are not all that was kept.
    static func read(_ texts: [String]) throws(KafkaError) -> Stored? {
        guard !texts.isEmpty else { return nil }
        var common: (epoch: Int64, fingerprint: String, checkpoint: String)?
        var parts: [Int64: String] = [:]
        for text in texts {
            let members = FlatObject.parse(
                text, ["epoch", "fingerprint", "checkpoint", "number", "partition"])
            if case .integer(let number) = members["number"], case .text(let part) = members["partition"] {
                parts[number] = part
            }
            if case .integer(let epoch) = members["epoch"], case .text(let fingerprint) = members["fingerprint"],
                case .text(let checkpoint) = members["checkpoint"]
            {
                common = (epoch, fingerprint, checkpoint)
            }
        }
        let ordered = (0..<Int64(parts.count)).compactMap { parts[$0] }
        guard let common, ordered.count == parts.count,
            let checkpoint = Checkpoint(common: common.checkpoint, partitions: ordered)
        else {
            throw .mismatch(
                "the job was begun with other topics or partitions, or another topic to write to; name those, or give "
                    + "another --job")
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
