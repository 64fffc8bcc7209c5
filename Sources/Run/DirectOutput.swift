import StreamEngine
import System

/// Writes rows at once and stores no checkpoint.
final class DirectOutput: RunOutput {
    private let sink: any RowSink
    private let rejects: (any RejectsWriter)?
    /// Reports positions to the consumer group of the input.
    private let reporter: GroupOffsetReporter?
    private(set) var refusals = RefusedRows()
    /// Microseconds since 1970.
    private let clock: () -> Int64
    /// When the batch was read that the engine is processing; nil once the time of its rows was taken.
    private var arrival: Int64?
    private var processing = Latencies()
    private var hasRows = false

    init(
        _ sink: any RowSink, _ rejects: (any RejectsWriter)?, _ reporter: GroupOffsetReporter?,
        clock: @escaping () -> Int64 = wallClock
    ) {
        self.clock = clock
        self.sink = sink
        self.rejects = rejects
        self.reporter = reporter
    }

    var watchedDescriptor: Int32 { sink.watchedDescriptor }
    var needsTicks: Bool { sink.needsTicks || reporter != nil }

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { sink.makeEncoder(schema) }

    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        hasRows = true
        try sink.write(rows)
        try takeRefused()
    }

    func flush() throws(RunError) {
        try sink.flush()
        if hasRows, let arrival {
            processing.add(clock() &- arrival)
            self.arrival = nil
        }
        try takeRefused()
    }

    var delivery: DeliveryStatistics {
        var delivery = DeliveryStatistics()
        delivery.processing = processing.summary
        return delivery
    }

    private func awaitDelivery() throws(RunError) {
        try sink.awaitDelivery()
        try takeRefused()
    }

    private func takeRefused() throws(RunError) {
        let refused = sink.takeRefused()
        guard !refused.isEmpty else { return }
        for row in refused {
            refusals.add(row.reason)
            try rejects?.write(row)
        }
        try rejects?.flush()
    }

    func reject(_ lines: UnsafeRawBufferPointer) throws(RunError) {
        try rejects?.write(lines)
        try rejects?.flush()
    }

    func beginBatch(_ batch: borrowing Batch, _ engine: any Engine) {
        arrival = batch.arrival
        hasRows = false
        reporter?.begin(batch, engine)
    }

    func endBatch(_ batch: borrowing Batch, _ engine: any Engine) throws(RunError) {
        try reporter?.end(batch, engine) { () throws(RunError) in try awaitDelivery() }
    }

    func tick(_ engine: any Engine) throws(RunError) {
        try flush()
        try reporter?.tick(engine) { () throws(RunError) in try awaitDelivery() }
    }

    func close(_ engine: any Engine, isFinished: Bool) throws(RunError) {
        try sink.close()
        try takeRefused()
        reporter?.finish(engine)
        try rejects?.close()
    }
}
