import Glibc
import Plan
import StreamEngine
import System

/// The built-in source `demo:sensors`: the same bytes for the same options, whatever the size of the batches.
package struct DemoSource: ~Copyable, Source {
    private let options: DemoOptions
    private let interrupt: Interrupt
    private let output: Int32
    private var records: DemoRecords
    private var next = 0
    /// A batch ends before this record.
    private var boundary = 0
    /// The start of the rate: a record, and when it was read (steady clock).
    private var pace: (record: Int, clock: Int64)?

    /// - Parameters:
    ///   - interrupt: ends a read early.
    ///   - output: as for `FileSource`; only watched while the source waits for its rate.
    package init(_ options: DemoOptions, interrupt: Interrupt = .process, watchingOutput output: Int32 = -1) {
        self.options = options
        self.interrupt = interrupt
        self.output = output
        records = DemoRecords(options)
    }

    /// Seeks to the restart position, rounded down to the start of a record.
    package mutating func resume(from checkpoint: InputCheckpoint) {
        next = max(0, checkpoint.files.restart.position) / records.lineLength
        boundary = max(0, checkpoint.files.committed.position) / records.lineLength
    }

    /// Bytes of all records; nil if they never end.
    package var length: Int? { options.isBounded ? options.records * records.lineLength : nil }

    package mutating func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent {
        batch.removeAll()
        if interrupt.isRaised { return .interrupted }
        guard next < options.records else { return .end }
        batch.reserve(records.lineLength)
        var count = min(batch.capacity / records.lineLength, options.records - next)
        if next < boundary { count = min(count, boundary - next) }
        // Replayed records come without waiting.
        if let rate = options.rate, next >= boundary {
            switch keepPace(&count, rate: rate, deadline: deadline) {
            case .ready: break
            case .deadline: return .quiet
            case .interrupted: return .interrupted
            }
        }
        batch.input = 0
        batch.startsInput = next == 0
        batch.linesBefore = next
        batch.sourceColumns.share(.text("demo:sensors"), as: .file)
        batch.position = next * records.lineLength
        batch.arrival = wallClock()
        records.write(next..<next + count, into: batch.room())
        batch.advance(count * records.lineLength)
        next += count
        return .lines
    }

    /// Waits until records are due and lowers `count` to their number. At high rates, records of 10 ms come together.
    private mutating func keepPace(_ count: inout Int, rate: Int, deadline: Int64?) -> WakeReason {
        let start = pace ?? (next, steadyClock())
        pace = start
        let wanted = min(count, max(1, rate / 100))
        while true {
            // 128 bits: rate times microseconds exceeds 64 bits after some hours.
            let elapsed = Int128(steadyClock() &- start.clock)
            let due = Int128(start.record) + elapsed * Int128(rate) / 1_000_000 - Int128(next)
            if due >= Int128(wanted) {
                count = Int(min(due, Int128(count)))
                return .ready
            }
            let missing = Int128(next + wanted - start.record) * 1_000_000 / Int128(rate) + 1 - elapsed
            let dueAt = wallClock() &+ Int64(clamping: missing)
            let isLimit = deadline.map { $0 < dueAt } ?? false
            let reason = wait(for: -1, output: output, interrupt: interrupt, deadline: isLimit ? deadline : dueAt)
            if reason == .interrupted || (reason == .deadline && isLimit) { return reason }
        }
    }
}
