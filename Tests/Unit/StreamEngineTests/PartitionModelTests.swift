import Testing

@testable import StreamEngine

/// Windows of 10 over several partitions, as plainly as it can be said: the minimum is looked for after every record.
private struct PartitionModel {
    private struct Partition {
        var watermark = Int64.min
        var latest = Int64.min
        var isEnded = false
        var isPunctuated = false
        var isWaitedFor = true
    }

    enum Item {
        case record(Int64)
        case bound(Int64?)

        var line: String {
            switch self {
            case .record(let time): "{\"t\":\(time)}"
            case .bound(let bound): String(controlLine(bound).dropLast())
            }
        }
    }

    let delay: Int64
    private(set) var time = Int64.min
    private(set) var counts: [String] = []
    private(set) var late = 0
    private var partitions: [Partition]
    private var windows: [Int64: Int] = [:]

    init(delay: Int64, partitions: Int) {
        self.delay = delay
        self.partitions = Array(repeating: Partition(), count: partitions)
    }

    mutating func take(_ partition: Int, _ items: [Item], _ outlook: Batch.Outlook, of count: Int) {
        while partitions.count < count { partitions.append(Partition()) }
        if !items.isEmpty { partitions[partition].isWaitedFor = true }
        advance()
        for item in items {
            switch item {
            case .bound(let bound):
                partitions[partition].isPunctuated = true
                partitions[partition].watermark = max(partitions[partition].watermark, bound ?? Int64.min)
            case .record(let time):
                let start = Int64((Double(time) / 10).rounded(.down)) * 10
                if start + 10 <= self.time { late += 1 } else { windows[start, default: 0] += 1 }
                guard time > partitions[partition].latest else { break }
                partitions[partition].latest = time
                if !partitions[partition].isPunctuated {
                    partitions[partition].watermark = max(partitions[partition].watermark, time - delay)
                }
            }
            advance()
        }
        if outlook != .more {
            partitions[partition].isWaitedFor = false
            if outlook == .ended { partitions[partition].isEnded = true }
            if !partitions.contains(where: \.isWaitedFor) {
                time = max(time, partitions.filter { !$0.isEnded }.map(\.watermark).max() ?? time)
            }
        }
        advance()
    }

    private mutating func advance() {
        if let lowest = partitions.filter(\.isWaitedFor).map(\.watermark).min() { time = max(time, lowest) }
        close(time)
    }

    private mutating func close(_ time: Int64) {
        for start in windows.keys.sorted() where time == Int64.max || start + 10 <= time {
            counts.append("\(start):\(windows[start] ?? 0)")
            windows[start] = nil
        }
    }

    mutating func finish() { close(Int64.max) }
}

@Suite("Partitions and a model of them") struct PartitionModelTests {
    @Test("rows, late records and the watermark are those of a model, whatever becomes of the partitions")
    func model() throws {
        var (rows, late, growths, silences) = (0, 0, 0, 0)
        for seed in 0..<UInt64(500) {
            var random = SeededGenerator(seed: seed)
            let delay = Int64(random.below(12))
            let query = try Query.timed(.tumbling(size: 10, align: 0), delay: delay)
            var count = 1 + random.below(4)
            let run = try PartitionRun(query, partitions: count)
            var model = PartitionModel(delay: delay, partitions: count)
            var clocks = (0..<count).map { _ in Int64(random.below(60)) }
            var steps: [PartitionBatch] = []
            let isPunctuated = random.below(4) == 0
            for _ in 0..<(1 + random.below(40)) {
                if random.below(25) == 0 {
                    count += 1
                    growths += 1
                    clocks.append(clocks.max() ?? 0)
                }
                let partition = random.below(count)
                var items: [PartitionModel.Item] = []
                // Long batches are taken in runs, others record by record.
                let most = random.pick([1, 3, 80])
                for _ in 0..<random.below(most + 1) {
                    clocks[partition] += Int64(random.below(6))
                    let time = clocks[partition] - Int64(random.below(random.pick([1, 8, 20])))
                    items.append(.record(time))
                    if isPunctuated, random.below(8) == 0 { items.append(.bound(random.pick([nil, time, time - 15]))) }
                }
                let outlook = random.pick([.more, .more, .more, .more, .idle, Batch.Outlook.ended])
                if outlook != .more { silences += 1 }
                let step = PartitionBatch(partition, items.map(\.line), outlook, of: count)
                steps.append(step)
                try run.take(step)
                model.take(partition, items, outlook, of: count)
                guard run.counts == model.counts, run.late == model.late, run.engine.watermark == model.time else {
                    Issue.record(
                        """
                        seed \(seed) delay \(delay): \(run.counts) late \(run.late) at \(run.engine.watermark)
                        not \(model.counts) late \(model.late) at \(model.time)
                        \(steps.map(\.description).joined(separator: "\n"))
                        """)
                    return
                }
            }
            try run.engine.finish()
            model.finish()
            try #require(run.counts == model.counts, "seed \(seed)")
            rows += run.counts.count
            late += run.late
        }
        #expect(rows > 1000 && late > 1000 && growths > 100 && silences > 1000)
    }
}
