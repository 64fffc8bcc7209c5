import CRDKafka
import Plan
import StreamEngine
import System

/// Where a run starts and ends in one partition.
struct PartitionPlan: Sendable {
    var partition: TopicPartition
    /// The first offset to deliver.
    var start: Int
    /// The offset before which the partition ends; nil if it never ends.
    var end: Int?
    /// The offset at which the replay ends; nil without one.
    var replayEnd: Int?
    /// The watermark when the offset was committed for the group: earlier windows are delivered.
    var watermark = Int64.min
    /// The offset up to which an earlier run of the group has read: what is late before it is not late for the first time.
    var earlierEnd = 0
    /// Shows whether the partition is still the one that an earlier run has read.
    var checksum: PositionChecksum?
}

extension Client {
    /// Determines where each partition starts and ends.
    ///
    /// - Parameter checkpoint: where a job resumes.
    /// - Throws: `noTopic`, `unavailable`, `gap`, `mismatch`, `interrupted`.
    func plan(
        _ address: KafkaURL, _ partitions: [TopicPartition], from checkpoint: InputCheckpoint?, now: Int64,
        interrupt: Interrupt
    ) throws(RunError) -> [PartitionPlan] {
        // Partitions of the checkpoint come first, in its order, which defines their numbers.
        let ranges = Dictionary(
            zip(partitions, try offsets(of: partitions, interrupt: interrupt)), uniquingKeysWith: { first, _ in first })
        let named = Dictionary(partitions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var planned: Set<TopicPartition> = []
        var plans: [PartitionPlan] = []
        for known in checkpoint?.partitions ?? [] where !known.committedChecksum.name.isEmpty {
            guard let partition = named[known.committedChecksum.name] else {
                throw .mismatch(
                    "the job has read \(known.committedChecksum.name), which does not exist or is not named; name it, "
                        + "or use a new --job name or --reset NAME")
            }
            guard let range = ranges[partition] else { continue }
            plans.append(try plan(partition, range, from: known, address))
            planned.insert(partition)
        }
        for partition in partitions where !planned.contains(partition) {
            guard let range = ranges[partition] else { continue }
            var plan = PartitionPlan(partition: partition, start: range.low, end: end(address, range.high))
            // A partition that the job did not know is new: all of its records are wanted.
            if checkpoint == nil {
                let start = try start(address, partition, range, now: now, interrupt: interrupt)
                (plan.start, plan.watermark, plan.earlierEnd) = (start.offset, start.watermark, start.earlierEnd)
            }
            plans.append(plan)
        }
        return plans
    }

    private func end(_ address: KafkaURL, _ high: Int) -> Int? { address.until == .end ? high : nil }

    private func plan(
        _ partition: TopicPartition, _ range: (low: Int, high: Int), from known: PartitionCheckpoint,
        _ address: KafkaURL
    ) throws(RunError) -> PartitionPlan {
        let (restart, committed) = (known.restart.position, known.committed.position)
        guard committed <= range.high else {
            throw .mismatch(
                "\(partition.name) ends at offset \(range.high), but the job has read it up to \(committed): it was "
                    + "recreated or has lost records; use a new --job name or --reset NAME to read it "
                    + "from the beginning")
        }
        guard restart >= range.low else {
            throw .recordsGone(
                "\(partition.name) now starts at offset \(range.low), but the job must resume from \(restart): records "
                    + "between them were deleted (see retention); use a new --job name or --reset NAME to read what "
                    + "is left")
        }
        return PartitionPlan(
            partition: partition, start: restart, end: end(address, range.high).map { max($0, committed) },
            replayEnd: committed,
            checksum: known.committedChecksum.offset >= range.low ? known.committedChecksum : nil)
    }

    private func start(
        _ address: KafkaURL, _ partition: TopicPartition, _ range: (low: Int, high: Int), now: Int64,
        interrupt: Interrupt
    ) throws(RunError) -> (offset: Int, watermark: Int64, earlierEnd: Int) {
        func offset(at time: Int64) throws(RunError) -> Int {
            try self.offset(of: partition, at: time, interrupt: interrupt) ?? range.high
        }
        switch address.start ?? (address.group == nil ? .beginning : .stored) {
        case .beginning: return (range.low, Int64.min, 0)
        case .end: return (range.high, Int64.min, 0)
        case .stored:
            guard let (stored, text) = try committed(partition, of: address.group ?? "", interrupt: interrupt) else {
                return (range.low, Int64.min, 0)
            }
            guard stored >= range.low else {
                throw .recordsGone(
                    "\(partition.name) starts at offset \(range.low), but group \(address.group ?? "") has read up to "
                        + "\(stored): records between them were deleted; start=beginning reads what is left")
            }
            guard stored <= range.high else {
                throw .mismatch(
                    "\(partition.name) ends at offset \(range.high), but group \(address.group ?? "") has read up to "
                        + "\(stored): it was recreated; start=beginning reads it from the beginning")
            }
            return (stored, GroupOffsetCommitter.watermark(in: text), GroupOffsetCommitter.read(in: text))
        case .time(let time): return (try offset(at: time), Int64.min, 0)
        case .ago(let length):
            let time = now.subtractingReportingOverflow(length)
            return (time.overflow ? range.low : try offset(at: time.partialValue), Int64.min, 0)
        }
    }
}
