@testable import StreamEngine

/// One batch of a topic, as a source would give it.
struct PartitionBatch: Sendable, CustomStringConvertible {
    var partition: Int
    var lines: [String] = []
    var outlook = Batch.Outlook.more
    /// Partitions that there are; nil: as many as before.
    var count: Int?
    var arrival: Int64 = 0

    init(
        _ partition: Int, _ lines: [String] = [], _ outlook: Batch.Outlook = .more, of count: Int? = nil,
        arrival: Int64 = 0
    ) {
        self.partition = partition
        self.lines = lines
        self.outlook = outlook
        self.count = count
        self.arrival = arrival
    }

    /// Records with nothing but a time.
    init(_ partition: Int, at times: Int64..., then outlook: Batch.Outlook = .more, of count: Int? = nil) {
        self.init(partition, times.map { "{\"t\":\($0)}" }, outlook, of: count)
    }

    var description: String {
        "\(partition)\(count.map { " of \($0)" } ?? ""): \(lines.joined(separator: " ")) \(outlook)"
    }
}

/// Takes the rows of an engine.
private final class Collector: RowWriter {
    var bytes: [UInt8] = []
    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        rows.withBytes { bytes.append(contentsOf: $0) }
    }
    func flush() throws(RunError) {}
}

/// Drives scan and engine batch by batch, as the pipeline does with one worker, and keeps the places for a checkpoint.
final class PartitionRun {
    let engine: any Engine
    var tracker: CheckpointTracker
    /// Offsets behind what was taken in, by partition.
    private(set) var positions: [Int]
    private let collector = Collector()
    private var stage: ScanStage
    private var batch = Batch(capacity: 64)
    private var records: Records
    private var sequence = 0
    private var replay: ReplayTarget?

    /// - Parameter checkpoint: where the run goes on.
    init(_ query: Query, partitions: Int = 1, resuming checkpoint: Checkpoint? = nil) throws {
        let layout = ColumnLayout(query, seed: 5)
        stage = try ScanStage(query, layout)
        records = Records(columnCount: layout.columnCount)
        engine = try makeEngine(
            query, layout, EngineOptions(inputNames: InputNames { "p\($0)" }, keepsRejects: true), collector)
        tracker = CheckpointTracker(resuming: checkpoint)
        positions = checkpoint?.input.partitions.map(\.restart.position) ?? Array(repeating: 0, count: partitions)
        guard let checkpoint else { return }
        engine.beginReplay(from: checkpoint)
        replay = ReplayTarget(checkpoint)
        if replay == nil { try endReplay(checkpoint) }
    }

    /// It does again what earlier runs have done.
    var isReplaying: Bool { replay != nil }

    /// The offset at which a partition waits until the replay is over; nil when it need not.
    func replayEnd(of partition: Int) -> Int? {
        replay.flatMap {
            let known = $0.checkpoint.input.partitions
            return partition < known.count ? known[partition].committed.position : 0
        }
    }

    /// Offsets are those of the lines, or begin at `offset`.
    func take(_ step: PartitionBatch) throws {
        while positions.count < max(step.count ?? 0, step.partition + 1) { positions.append(0) }
        let start = positions[step.partition]
        let messages = step.lines.enumerated().map { TopicMessage(Int64(start + $0.offset), $0.element) }
        batch.fill(messages, partition: Int32(step.partition))
        batch.sequence = sequence
        batch.partitionCount = positions.count
        batch.position = start
        batch.nextPosition = start + step.lines.count
        batch.outlook = step.outlook
        batch.arrival = step.arrival
        sequence += 1
        stage.run(&batch, into: &records)
        try reach(batch.start, of: step.partition)
        tracker.begin(batch, engine)
        try engine.process(records, of: batch)
        positions[step.partition] = batch.end.position
        _ = tracker.end(batch, engine)
        try reach(batch.end, of: step.partition)
    }

    private func reach(_ place: InputPosition, of partition: Int) throws {
        guard let checkpoint = replay?.checkpoint, replay?.reach(place, of: partition) == true else { return }
        replay = nil
        try endReplay(checkpoint)
    }

    private func endReplay(_ checkpoint: Checkpoint) throws {
        tracker.skip(to: checkpoint)
        try engine.endReplay(watermark: checkpoint.time.watermark, skipping: checkpoint.output.rowsAfter)
    }

    func checkpoint() -> Checkpoint { tracker.checkpoint(oldest: engine.oldestBatch) }

    var text: String { String(decoding: collector.bytes, as: UTF8.self) }

    /// The windows of 10 that were printed, by their starts, and the counts of their rows.
    var counts: [String] {
        let rows = String(decoding: collector.bytes[counted...], as: UTF8.self)
        counted = collector.bytes.count
        known += rows.split(separator: "\n").map { line in
            let count = line.split(separator: "\"count\":").last.map { $0.prefix { $0.isNumber } } ?? ""
            let start = line.split(separator: "\"window_start\":\"").last.map { $0.prefix { $0 != "\"" } } ?? ""
            let time = Array(start.utf8).withUnsafeBytes { RFC3339.parse($0) }
            return "\(time ?? -1):\(count)"
        }
        return known
    }
    private var known: [String] = []
    /// Bytes of rows that were looked at for them.
    private var counted = 0

    var late: Int {
        var late = 0
        engine.withCounts { late = $0.late }
        return late
    }

    var reasons: [String: Int] {
        var reasons: [String: Int] = [:]
        engine.withCounts { for (reason, all) in $0.rejected { reasons[reason.rawValue] = all.count } }
        return reasons
    }
}

/// Records of several partitions, in the order that each of them has.
struct PartitionedInput {
    var partitions: [[String]]

    /// Deals lines out to partitions.
    ///
    /// - Parameter dealt: told the number of each line and its partition.
    init(
        _ lines: [String], to count: Int, _ random: inout SeededGenerator, dealt: (Int, Int) -> Void = { _, _ in }
    ) {
        partitions = Array(repeating: [], count: count)
        for (number, line) in lines.enumerated() {
            let partition = random.below(count)
            partitions[partition].append(line)
            dealt(number, partition)
        }
    }

    /// Random batches of what lies behind `positions`, in a random order of the partitions.
    ///
    /// - Parameter goal: nothing is read beyond these offsets.
    func batches(
        from positions: [Int], to goal: [Int]? = nil, _ random: inout SeededGenerator
    ) -> [PartitionBatch] {
        var positions = positions
        let ends = goal ?? partitions.map(\.count)
        var batches: [PartitionBatch] = []
        var left = partitions.indices.filter { positions[$0] < ends[$0] }
        // Some orders take one partition after the other, others turn by turn.
        let most = random.pick([1, 3, 8, 100])
        while !left.isEmpty {
            let partition = random.pick(left)
            let end = min(positions[partition] + 1 + random.below(most), ends[partition])
            batches.append(PartitionBatch(partition, Array(partitions[partition][positions[partition]..<end])))
            positions[partition] = end
            if end == ends[partition] {
                left.removeAll { $0 == partition }
                guard end == partitions[partition].count else { continue }
                // That nothing more will come is said with the last records, later, or never.
                switch random.below(goal == nil ? 3 : 2) {
                case 1: batches[batches.count - 1].outlook = .ended
                case 2: batches.append(PartitionBatch(partition, [], .ended))
                default: break
                }
            }
        }
        return batches
    }
}
