import StreamEngine

@testable import Run

/// A clock that moves by hand, microseconds.
final class FakeClock {
    var now: Int64 = 1_000_000_000
    var read: () -> Int64 { { [self] in now } }
}

/// Drives an engine and its output step by step, as the pipeline does with one worker.
final class Driver<Output: RunOutput> {
    let output: Output
    let engine: any Engine
    private var stage: ScanStage
    private var records: Records
    private var batch = Batch(capacity: 64)
    private var position: Int

    /// - Parameter checkpoint: where the input resumes; what is read up to its committed position is a replay.
    init(_ query: Query, _ output: Output, strict: Bool = false, from checkpoint: Checkpoint? = nil) throws {
        let layout = ColumnLayout(query, seed: 7)
        let options = EngineOptions(inputNames: ["a.jsonl"], isStrict: strict, keepsRejects: true)
        self.output = output
        engine = try makeEngine(query, layout, options, output)
        stage = try ScanStage(query, layout)
        records = Records(columnCount: layout.columnCount)
        position = checkpoint?.input.files.restart.position ?? 0
        if let checkpoint { engine.beginReplay(from: checkpoint) }
    }

    func endReplay(_ checkpoint: Checkpoint) throws {
        output.endReplay(checkpoint)
        try engine.endReplay(watermark: checkpoint.time.watermark, skipping: checkpoint.output.rowsAfter)
    }

    /// One batch.
    func read(_ text: String) throws {
        batch.removeAll()
        Array(text.utf8).withUnsafeBytes { batch.append($0) }
        batch.position = position
        batch.startsInput = position == 0
        batch.arrival = 0
        stage.run(&batch, into: &records)
        position += text.utf8.count
        output.beginBatch(batch, engine)
        try engine.process(records, of: batch)
        try writeRejects()
        try output.endBatch(batch, engine)
        try output.commitIfDue(engine)
        batch.sequence += 1
    }

    /// - Parameter now: the wall clock, microseconds since 1970.
    func tick(_ now: Int64 = 0) throws {
        try engine.tick(now)
        try output.tick(engine)
    }

    func finish(isFinished: Bool = true) throws {
        if isFinished {
            output.beginClosing(engine)
            try engine.finish()
        }
        try output.close(engine, isFinished: isFinished)
    }

    private func writeRejects() throws {
        var problem: (any Error)?
        engine.takeRejects { lines in
            do { try output.reject(lines) } catch { problem = error }
        }
        if let problem { throw problem }
    }
}
