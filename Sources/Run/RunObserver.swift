import Files
import Plan
import StreamEngine
import System

/// Shows what a run has done so far: in the file of `--stats`, in the progress line, in the live table, as metrics, and to
/// the service manager. Used by one worker at a time.
final class RunObserver {
    private let start: Int64
    private let clock: () -> Int64
    private var file: StatisticsFile?
    private var line: ProgressLine?
    private var table: LiveTable?
    private var servers: [MetricsServer] = []
    private var metricsFiles: [MetricsFile] = []
    private var nextPublication = Int64.max
    private var service: ServiceNotices?
    private let results: LastResults?
    /// How long the run may wait for input, microseconds; nil: until there is some.
    let tick: Int64?

    /// How often metrics are published, microseconds.
    private static let interval: Int64 = 200_000

    /// - Parameters:
    ///   - results: what metrics show of the rows.
    ///   - clock: microseconds since some moment.
    /// - Throws: `cannotCreate` for the file.
    init(
        _ plan: Plan, _ results: LastResults? = nil, clock: @escaping () -> Int64 = steadyClock
    ) throws(RunError) {
        self.clock = clock
        self.results = results
        let start = clock()
        self.start = start
        file = try plan.statistics.map { plan throws(RunError) in try StatisticsFile(plan, start) }
        for metrics in plan.metrics {
            switch metrics {
            case .server(let address): servers.append(try MetricsServer(address, version: plan.version))
            case .file(let path): metricsFiles.append(MetricsFile(path, version: plan.version))
            }
        }
        if !plan.metrics.isEmpty { nextPublication = start }
        line = ProgressLine(plan, start)
        table = LiveTable(plan, start)
        service = ServiceNotices(start)
        let publishing = plan.metrics.isEmpty ? nil : Self.interval
        let drawing = line.map { _ in ProgressLine.interval } ?? table.map { _ in LiveTable.interval }
        tick = [file?.every, drawing, publishing, service?.tick].compactMap(\.self).min()
    }

    var isDue: Bool {
        guard tick != nil else { return false }
        let now = clock()
        if now >= nextPublication || service?.isDue(now) ?? false { return true }
        return file?.isDue(now) ?? false || line?.isDue(now) ?? false || table?.isDue(now) ?? false
    }

    /// - Parameter statistics: without times.
    func show(_ statistics: RunStatistics) throws(RunError) {
        let now = clock()
        let dated = dated(statistics, now)
        if line?.isDue(now) == true { line?.show(dated, now) }
        if file?.isDue(now) == true { try file?.write(dated, now) }
        if service?.isDue(now) == true { service?.send(dated, now) }
        guard now >= nextPublication else { return }
        nextPublication = now &+ Self.interval
        for server in servers { server.publish(dated) }
        for index in metricsFiles.indices where metricsFiles[index].isDue(now) {
            try metricsFiles[index].write(dated, now)
        }
    }

    /// Shows the rows of open windows, if it is time to.
    func show(_ statistics: RunStatistics, _ engine: any Engine) throws(EngineError) {
        let now = clock()
        guard table?.isDue(now) == true else { return }
        try table?.show(statistics, now, clock: clock) { limit throws(EngineError) in
            try engine.openRows(limit: limit)
        }
    }

    /// The input has ended, or something stops the run; what is left is to print and deliver rows.
    func noteEnding() { service?.sendStopping() }

    /// - Parameter status: the exit status, or 128 and the number of the signal.
    func finish(_ statistics: RunStatistics, status: Int32) throws(RunError) {
        line?.end()
        if table != nil { TransientText.erase() }
        for server in servers { server.end() }
        let now = clock()
        let dated = dated(statistics, now)
        try file?.finish(dated, status)
        for index in metricsFiles.indices { try metricsFiles[index].write(dated, now, isUp: false) }
    }

    private func dated(_ statistics: RunStatistics, _ now: Int64) -> RunStatistics {
        var statistics = statistics
        statistics.time = wallClock()
        statistics.elapsed = now &- start
        (statistics.memory, statistics.processorTime) = processUse()
        if let results { (statistics.results, statistics.resultsStart) = (results.series, results.latestStart) }
        return statistics
    }
}

/// The file of `--stats`: one line at the end, or one after each interval too.
private struct StatisticsFile: ~Copyable {
    let every: Int64?
    private var next: Int64
    /// nil for standard error.
    private var sink: ByteSink?

    /// - Parameter start: when the run has begun, microseconds.
    init(_ plan: StatisticsPlan, _ start: Int64) throws(RunError) {
        every = plan.every
        next = plan.every.map { start &+ $0 } ?? Int64.max
        guard plan.path != "-" else { return }
        var sink = try ByteSink.opening(plan.path)
        try sink.start()
        self.sink = consume sink
    }

    func isDue(_ now: Int64) -> Bool { now >= next }

    mutating func write(_ statistics: RunStatistics, _ now: Int64) throws(RunError) {
        // Moments that passed while nothing could be written are left out.
        next = max(next &+ (every ?? 0), now)
        try write(statistics.json(status: nil))
    }

    mutating func finish(_ statistics: RunStatistics, _ status: Int32) throws(RunError) {
        try write(statistics.json(status: status))
        try sink?.close()
    }

    private mutating func write(_ text: String) throws(RunError) {
        guard sink != nil else { return StandardStreams.writeErrorData(text + "\n") }
        var line = ByteBuffer()
        line.append(text)
        line.append(UInt8(ascii: "\n"))
        try line.withBytes { bytes throws(RunError) in try sink?.write(bytes) }
        try sink?.flush()
    }
}
