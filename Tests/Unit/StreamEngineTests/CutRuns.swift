@testable import StreamEngine

/// Runs of a job over the same records, each with batches that end at given places.
struct CutRuns {
    /// A place where a run can be cut off: what it has delivered up to there, and the checkpoint.
    struct Place {
        var rows: [UInt8]
        var checkpoint: Checkpoint
    }

    private final class Rows: RowWriter {
        var bytes: [UInt8] = []
        func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
            rows.withBytes { bytes.append(contentsOf: $0) }
        }
        func flush() throws(RunError) {}
    }

    let query: Query
    private let lines: [[UInt8]]
    /// Where each line starts, and the end.
    private let starts: [Int]

    init(_ query: Query, _ lines: [String]) {
        self.query = query
        self.lines = lines.map { Array($0.utf8) + [UInt8(ascii: "\n")] }
        starts = self.lines.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    }

    /// Reads on from a checkpoint to the end, and notes every place on the way.
    ///
    /// - Parameter cuts: a bit for each line: whether a batch ends before it. One always ends at the committed position.
    func run(from checkpoint: Checkpoint?, cuts: UInt64) throws -> (places: [Place], rows: [UInt8]) {
        let layout = ColumnLayout(query, seed: 3)
        var stage = try ScanStage(query, layout)
        let output = Rows()
        let engine = try makeEngine(query, layout, EngineOptions(inputNames: ["a"]), output)
        var tracker = CheckpointTracker(resuming: checkpoint)
        let committed = checkpoint?.input.files.committed.position ?? 0
        var position = checkpoint?.input.files.restart.position ?? 0
        if let checkpoint { engine.beginReplay(from: checkpoint) }
        func endReplay() throws {
            guard let checkpoint, position == committed else { return }
            try engine.endReplay(watermark: checkpoint.time.watermark, skipping: 0)
        }
        try endReplay()
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: layout.columnCount)
        var places: [Place] = []
        for (line, bytes) in lines.enumerated() where starts[line] >= position {
            if batch.count == 0 { batch.position = starts[line] }
            bytes.withUnsafeBytes { batch.append($0) }
            let end = starts[line + 1]
            guard cuts >> UInt64(line + 1) & 1 == 1 || end == committed || line + 1 == lines.count else { continue }
            batch.startsInput = batch.position == 0
            stage.run(&batch, into: &records)
            tracker.begin(batch, engine)
            try engine.process(records, of: batch)
            guard tracker.end(batch, engine) else { break }
            position = end
            try endReplay()
            if end >= committed {
                places.append(Place(rows: output.bytes, checkpoint: tracker.checkpoint(oldest: engine.oldestBatch)))
            }
            let sequence = batch.sequence
            batch.removeAll()
            batch.sequence = sequence + 1
        }
        try engine.finish()
        return (places, output.bytes)
    }

    /// Every line a batch of its own.
    static let single = UInt64.max
    /// As few batches as possible.
    static let whole: UInt64 = 0
}
