import Testing

@testable import StreamEngine

/// An engine that only tells what the test wants.
private final class TellingEngine: Engine {
    var states: [PartitionState]
    func isIdle(_ partition: Int) -> Bool { false }
    var watermark = Int64.min
    var oldestBatch: Int?

    init(partitions: Int) { states = Array(repeating: PartitionState(), count: partitions) }

    func partitionState(of partition: Int) -> PartitionState { states[partition] }
    func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {}
    func tick(_ now: Int64) throws(EngineError) {}
    func finish() throws(EngineError) {}
    func openRows(limit: Int) throws(EngineError) -> OpenRows { OpenRows() }
    var isDone: Bool { false }
    func beginReplay(from start: ReplayStart) {}
    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {}
    var isSkipping: Bool { false }
    var survey: InputSurvey { InputSurvey([]) }
    var latestEventTime: Int64 { Int64.min }
    var openState: OpenState { OpenState() }
    func withCounts(_ body: (borrowing RunCounts) -> Void) {}
    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void) {}
}

@Suite("CheckpointTracker") struct CheckpointTrackerTests {
    private struct Taken {
        var partition: Int
        var start: Int
        var watermark: Int64
        var latest: Int64
    }

    @Test(
        "of however many batches a replay begins no later than it must in each partition, and a little earlier at most",
        arguments: [10, 300, 70_000, 140_000])
    func manyBatches(count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        let partitions = 5
        let engine = TellingEngine(partitions: partitions)
        var tracker = CheckpointTracker(resuming: nil)
        var batch = Batch(capacity: 64)
        batch.fill([])
        batch.partitionCount = partitions
        var ends = Array(repeating: 0, count: partitions)
        var taken: [Taken] = []
        taken.reserveCapacity(count)
        for number in 0..<count {
            // The last partition brings nothing, the one before it seldom something.
            let partition = random.below(1000) == 0 ? 3 : random.below(3)
            batch.sequence = number
            batch.partition = partition
            batch.position = ends[partition]
            batch.nextPosition = ends[partition] + random.below(3)
            taken.append(
                Taken(
                    partition: partition, start: ends[partition], watermark: engine.watermark,
                    latest: engine.states[partition].latest))
            tracker.begin(batch, engine)
            ends[partition] = batch.end.position
            engine.states[partition].latest = Int64(number)
            engine.watermark = Int64(number) - 7
            let isPlace = tracker.end(batch, engine)
            #expect(isPlace)
        }
        // Joined once or twice, so many batches may be looked at as one.
        let joined = count > 1 << 16 ? 4 : 1
        for oldest in [0, count / 3, count / 2, count - 2].sorted() {
            let checkpoint = tracker.checkpoint(oldest: oldest)
            #expect(checkpoint.time.watermark == Int64(count - 1) - 7)
            let first = taken.indices.filter { taken[$0].watermark == checkpoint.time.restartWatermark }
            #expect(first.contains { $0 <= oldest && $0 > oldest - joined })
            for partition in 0..<partitions {
                let place =
                    checkpoint.input.partitions.count > partition
                    ? checkpoint.input.partitions[partition] : PartitionCheckpoint()
                #expect(place.committed.position == ends[partition])
                let least = taken[max(0, oldest - joined + 1)...].first { $0.partition == partition }
                let most = taken[oldest...].first { $0.partition == partition }
                #expect(place.restart.position <= most?.start ?? ends[partition])
                #expect(place.restart.position >= least?.start ?? ends[partition])
                // What was known there is what was known at the start of a batch, or is known at the end.
                let isKnown =
                    place.restart == place.committed
                    || taken.contains {
                        $0.partition == partition && $0.start == place.restart.position
                            && $0.latest == place.restartState.latest
                    }
                #expect(isKnown)
            }
        }
        let nothing = tracker.checkpoint(oldest: nil)
        #expect(nothing.input.partitions.allSatisfy { $0.restart == $0.committed })
        #expect(nothing.time.restartWatermark == nothing.time.watermark)
    }

    @Test("a goal is reached when every partition is where it was, in whatever order they come there")
    func goal() throws {
        func partition(_ low: Int, _ at: Int) -> PartitionCheckpoint {
            var partition = PartitionCheckpoint()
            partition.restart = InputPosition(input: 0, position: low)
            partition.committed = InputPosition(input: 0, position: at)
            return partition
        }
        var checkpoint = Checkpoint()
        checkpoint.input.partitions = [partition(3, 3), partition(0, 0)]
        #expect(ReplayTarget(checkpoint) == nil)
        checkpoint.input.partitions += [partition(1, 8), partition(2, 3)]
        var goal = try #require(ReplayTarget(checkpoint))
        func reach(_ position: Int, _ partition: Int) -> Bool {
            goal.reach(InputPosition(input: 0, position: position), of: partition)
        }
        #expect(!reach(7, 2) && !reach(3, 3) && !reach(99, 0) && !reach(99, 1) && !reach(99, 9) && !goal.isDone)
        #expect(reach(8, 2) && goal.isDone)
    }

    @Test("how much of a replay is done: of all partitions together, and of files by their number")
    func share() throws {
        var checkpoint = Checkpoint()
        func add(_ restart: (Int, Int), _ committed: (Int, Int)) {
            var partition = PartitionCheckpoint()
            partition.restart = InputPosition(input: restart.0, position: restart.1)
            partition.committed = InputPosition(input: committed.0, position: committed.1)
            checkpoint.input.partitions.append(partition)
        }
        checkpoint.input.partitions.removeAll()
        add((0, 10), (0, 30))
        add((0, 5), (0, 5))
        add((0, 0), (0, 20))
        var target = try #require(ReplayTarget(checkpoint))
        #expect(target.share == 0)
        _ = target.reach(InputPosition(input: 0, position: 20), of: 0)
        #expect(target.share == 0.25)
        // Beyond the end, another partition, and one that nothing is read of.
        _ = target.reach(InputPosition(input: 0, position: 99), of: 2)
        _ = target.reach(InputPosition(input: 0, position: 99), of: 1)
        #expect(target.share == 0.75)
        checkpoint.input.partitions.removeAll()
        add((1, 500), (5, 3))
        target = try #require(ReplayTarget(checkpoint))
        _ = target.reach(InputPosition(input: 2, position: 9), of: 0)
        #expect(target.share == 0.25)
    }

    @Test("a checkpoint of several partitions is what its text says, and one without all of them is none")
    func text() {
        let checkpoint = CheckpointTextTests.topic
        #expect(Checkpoint(text: checkpoint.text) == checkpoint)
        for (old, new) in [
            ("\"partitions\":12", "\"partitions\":13"), ("\"partitions\":12", "\"partitions\":0"),
            ("\"partitions\":12", "\"partitions\":9000000000000000000"), ("\"at_11\":77", "\"at_11\":1"),
            ("\"name_7\":", "\"nam_7\":"), ("\"cluster\":", "\"clusters\":"),
        ] {
            let text = checkpoint.text.replacing(old, with: new)
            #expect(text != checkpoint.text && Checkpoint(text: text) == nil, "\(new)")
        }
    }
}
