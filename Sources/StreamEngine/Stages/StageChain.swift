/// The stages of a command line with `--then`, as one engine: the first stage reads the input, each of the others the
/// rows of the one before it, and the last one prints.
final class StageChain: Engine {
    private let first: any Engine
    private let links: [StageLink]
    private let last: any Engine
    /// For each stage, whether records pass through.
    private let passesThrough: [Bool]

    init(_ first: any Engine, _ links: [StageLink], passesThrough: [Bool]) {
        self.first = first
        self.links = links
        self.passesThrough = passesThrough
        last = links.last?.engine ?? first
    }

    var stages: [any Engine] { [first] + links.map(\.engine) }

    func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        for link in links { link.begin(batch) }
        do throws(EngineError) { try first.process(records, of: batch) } catch { throw located(error) }
    }

    func tick(_ now: Int64) throws(EngineError) {
        do throws(EngineError) { for stage in stages { try stage.tick(now) } } catch { throw located(error) }
    }

    func finish() throws(EngineError) {
        do throws(EngineError) { for stage in stages { try stage.finish() } } catch { throw located(error) }
    }

    /// Where the failure of a later stage has stopped the stages before it, that failure.
    private func located(_ error: EngineError) -> EngineError {
        for (number, link) in links.enumerated() {
            if let failure = link.failure { return .ofStage(number + 2, failure) }
        }
        return error
    }

    var isDone: Bool { first.isDone }
    func partitionState(of partition: Int) -> PartitionState { first.partitionState(of: partition) }
    func isIdle(_ partition: Int) -> Bool { first.isIdle(partition) }
    var watermark: Int64 { first.watermark }
    var oldestBatch: Int? { last.oldestBatch }
    func oldestKeyBatch(of partition: Int) -> Int? { first.oldestKeyBatch(of: partition) }

    func beginReplay(from start: ReplayStart) {
        for (number, stage) in stages.enumerated() {
            var stageStart = start
            let known = start.laterStages
            if number > 0 {
                let state = known.indices.contains(number - 1) ? known[number - 1].state : PartitionState()
                stageStart = ReplayStart(watermark: state.watermark, partitions: [state], latestAccepted: [])
            }
            if number < links.count {
                let gate = known.indices.contains(number) ? known[number].gate : Int64.min
                stageStart.output = passesThrough[number] ? .open : .gated(gate)
                stageStart.hasAnnounced = known.indices.contains(number) && known[number].state.isPunctuated
            }
            stage.beginReplay(from: stageStart)
        }
    }

    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {
        do throws(EngineError) {
            for (number, stage) in stages.enumerated() {
                try stage.endReplay(
                    watermark: number == 0 ? watermark : stage.watermark, skipping: number == links.count ? rows : 0)
            }
        } catch {
            throw located(error)
        }
    }

    var stageMarks: [StageMark] {
        let stages = stages
        return links.indices.map { number in
            let before = stages[number]
            var start = StageStart()
            start.gate = before.pendingGate ?? before.watermark
            start.state = stages[number + 1].partitionState(of: 0)
            return StageMark(start: start, oldest: before.oldestBatch)
        }
    }

    var isSkipping: Bool { last.isSkipping }

    var openState: OpenState {
        var sum = OpenState()
        for stage in stages {
            let state = stage.openState
            if let windows = state.windows { sum.windows = (sum.windows ?? 0) &+ windows }
            sum.groups &+= state.groups
            // What is allocated is counted for all stages together.
            sum.bytes = max(sum.bytes, state.bytes)
        }
        return sum
    }

    func openRows(limit: Int) throws(EngineError) -> OpenRows { try last.openRows(limit: limit) }
    func withCounts(_ body: (borrowing RunCounts) -> Void) { first.withCounts(body) }
    var survey: InputSurvey { first.survey }
    var latestEventTime: Int64 { first.latestEventTime }

    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void) { for stage in stages { stage.takeRejects(body) } }
}

/// What a stage computes, and the columns of its records.
package struct StageQuery {
    package let query: Query
    package let layout: ColumnLayout

    package init(_ query: Query, seed: UInt64 = 0) {
        self.query = query
        layout = ColumnLayout(query, seed: seed)
    }
}

/// Creates the engine for the stages of a command line.
///
/// - Parameters:
///   - later: the stages behind `--then`, in order.
///   - writer: takes the rows of the last stage.
/// - Throws: an expression that cannot be compiled.
package func makeStages(
    _ first: StageQuery, _ later: [StageQuery], _ options: EngineOptions, _ writer: any RowWriter
) throws(ExpressionError) -> any Engine {
    guard !later.isEmpty else { return try makeEngine(first.query, first.layout, options, writer) }
    // Later stages work while the ones before them print.
    var inner = options
    inner.continuesOutput = false
    inner.crew = SingleCrew()
    // The rows of a stage do not stay.
    var outer = options
    outer.crew = CrewWithoutLanes(crew: options.crew)
    var writer = writer
    var links: [StageLink] = []
    for (number, stage) in later.enumerated().reversed() {
        var options = number == later.count - 1 ? outer : inner
        options.inputNames = Query.namesOfInput(ofStage: number + 1)
        let engine = try makeEngine(stage.query, stage.layout, options, writer)
        let link = StageLink(engine, try ScanStage(stage.query, stage.layout), stage.layout)
        links.insert(link, at: 0)
        writer = link
    }
    return StageChain(
        try makeEngine(first.query, first.layout, inner, writer), links,
        passesThrough: ([first] + later).map(\.query.passesThrough))
}

extension Query {
    /// What messages call the rows that a later stage reads; stages are counted from 0.
    package static func namesOfInput(ofStage number: Int) -> InputNames { ["rows of stage \(number)"] }
}
