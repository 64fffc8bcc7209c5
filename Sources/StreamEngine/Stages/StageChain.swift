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

/// Creates the engine for the stages of a command line.
///
/// - Parameters:
///   - queries: those of the stages, at least one.
///   - layouts: the columns of each stage.
///   - writer: takes the rows of the last stage.
/// - Throws: an expression that cannot be compiled.
package func makeStages(
    _ queries: [Query], _ layouts: [ColumnLayout], _ options: EngineOptions, _ writer: any RowWriter
) throws(ExpressionError) -> any Engine {
    var writer = writer
    var links: [StageLink] = []
    for (number, (query, layout)) in zip(queries, layouts).enumerated().dropFirst().reversed() {
        var options = options
        options.inputNames = Query.namesOfInput(ofStage: number)
        if number < queries.count - 1 {
            options.continuesOutput = false
            // A later stage works while this one prints.
            options.crew = SingleCrew()
        }
        let engine = try makeEngine(query, layout, options, writer)
        let link = StageLink(engine, try ScanStage(query, layout), layout)
        links.insert(link, at: 0)
        writer = link
    }
    guard let query = queries.first, let layout = layouts.first else { preconditionFailure("there is a first stage") }
    var first = options
    if !links.isEmpty {
        first.continuesOutput = false
        first.crew = SingleCrew()
    }
    let engine = try makeEngine(query, layout, first, writer)
    return links.isEmpty ? engine : StageChain(engine, links, passesThrough: queries.map(\.passesThrough))
}

extension Query {
    /// What messages call the rows that a later stage reads; stages are counted from 0.
    package static func namesOfInput(ofStage number: Int) -> InputNames { ["rows of stage \(number)"] }
}
