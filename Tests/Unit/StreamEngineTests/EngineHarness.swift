import Synchronization

@testable import StreamEngine

/// Takes the rows of an engine.
private final class Collector: RowWriter {
    var bytes: [UInt8] = []
    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        rows.withBytes { bytes.append(contentsOf: $0) }
    }
    func flush() throws(RunError) {}
}

/// What became of the records of a run.
struct AccountFigures: Equatable, CustomStringConvertible {
    var records = 0
    var inWindow = 0
    var inNoWindow = 0
    var filtered = 0
    var late = 0
    var latePairs = 0
    var rejected = 0
    var duplicates = 0
    var withoutKey = 0
    var rows = 0

    /// Every record is exactly one of these.
    var isComplete: Bool { records == inWindow + inNoWindow + filtered + late + rejected + duplicates }

    var description: String {
        "records \(records) in \(inWindow) none \(inNoWindow) filtered \(filtered) late \(late) pairs \(latePairs) "
            + "rejected \(rejected) rows \(rows)"
    }
}

/// One step of a run: a batch of whole lines, or silence.
enum EngineStep: Sendable {
    case lines([UInt8], input: Int = 0, startsInput: Bool = false, arrival: Int64 = 0)
    case tick(Int64)
}

/// All that a run gave.
struct EngineResult {
    var output: [UInt8] = []
    /// Bytes of the output after each step, before `finish`.
    var marks: [Int] = []
    /// What was open after each step.
    var open: [OpenState] = []
    /// The rows of open windows after each step, if they were asked for.
    var openRows: [OpenRows] = []
    var rejects: [UInt8] = []
    var figures = AccountFigures()
    var reasons: [String: Int] = [:]
    var badValues: [String: Int] = [:]
    var error: String?
    /// The delay that would have kept all late records.
    var advisedDelay: Int64?

    var text: String { String(decoding: output, as: UTF8.self) }
    var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
    var rejectText: String { String(decoding: rejects, as: UTF8.self) }
}

/// Takes the parts of every task, however small, in a random order. What is posted to its lanes runs at a random later
/// time, so that a result that depends on it before the engine has waited for it is wrong.
final class ShuffledCrew: Crew, @unchecked Sendable {
    let width: Int
    let piece: Int
    let laneCount: Int
    private let random: Mutex<SeededGenerator>
    private var tasks: [(Int) -> Void] = []
    /// The number of tasks that each lane has done.
    private var done: [Int]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        width = 2 + random.below(4)
        piece = 1 + random.below(5)
        laneCount = random.below(4)
        done = Array(repeating: 0, count: laneCount)
        self.random = Mutex(random)
    }

    func run(_ count: Int, _ body: @escaping (Int) -> Void) {
        for part in random.withLock({ (0..<count).shuffled(using: &$0) }) { body(part) }
    }

    var lastPosted: Int { tasks.count }

    func post(_ body: @escaping (Int) -> Void) -> Int {
        tasks.append(body)
        for _ in 0..<below(4) { step(to: tasks.count) }
        return tasks.count
    }

    func isDone(_ task: Int) -> Bool {
        for _ in 0..<below(4) { step(to: tasks.count) }
        return done.allSatisfy { $0 >= task }
    }

    func wait(for task: Int) { while done.contains(where: { $0 < task }) { step(to: task) } }

    /// Runs the next task of some lane that has one.
    private func step(to task: Int) {
        let lanes = done.indices.filter { done[$0] < task }
        guard !lanes.isEmpty else { return }
        let lane = lanes[below(lanes.count)]
        tasks[done[lane]](lane)
        done[lane] += 1
    }

    private func below(_ limit: Int) -> Int { random.withLock { $0.below(limit) } }
}

/// A batch in memory.
private final class BatchSlot {
    var batch = Batch(capacity: 64)
    var records: Records
    /// The task after which the lanes of the crew read nothing of it any more.
    var task = 0

    init(_ layout: ColumnLayout) { records = Records(columnCount: layout.columnCount) }
}

/// Drives scan and engine as the pipeline does with one worker.
///
/// - Parameter shown: the number of rows of open windows to ask for after each step.
func runEngine(
    _ query: Query, _ steps: [EngineStep], seed: UInt64 = 7, isStrict: Bool = false, format: InputFormat = .json,
    shown: Int? = nil, crew: any Crew = SingleCrew()
) throws -> EngineResult {
    let layout = ColumnLayout(query, seed: seed)
    let collector = Collector()
    var options = EngineOptions(inputNames: ["a", "b", "c"], isStrict: isStrict, keepsRejects: true)
    options.crew = crew
    options.limitsState = query.maxState != nil
    let engine = try makeEngine(query, layout, options, collector)
    var stage = try ScanStage(query, layout, format, lanes: engine.laneDivision)
    var result = EngineResult()
    // The lanes of the crew may still read the records of the batches before.
    let slots = (0..<3).map { _ in BatchSlot(layout) }
    var position = 0
    do throws(EngineError) {
        for (number, step) in steps.enumerated() where !engine.isDone {
            switch step {
            case .lines(let bytes, let input, let startsInput, let arrival):
                if startsInput { position = 0 }
                let slot = slots[number % slots.count]
                crew.wait(for: slot.task)
                defer { slot.task = crew.lastPosted }
                slot.batch.removeAll()
                bytes.withUnsafeBytes { slot.batch.append($0) }
                slot.batch.sequence = number
                slot.batch.input = input
                slot.batch.startsInput = startsInput
                slot.batch.position = position
                slot.batch.arrival = arrival
                position += bytes.count
                stage.run(&slot.batch, as: format, into: &slot.records)
                // Lanes may begin at any batch.
                if number % 5 == 3 || seed % 2 == 0 { engine.laneDivision?.begin() }
                try engine.process(slot.records, of: slot.batch)
            case .tick(let now): try engine.tick(now)
            }
            engine.takeRejects { result.rejects.append(contentsOf: $0) }
            result.marks.append(collector.bytes.count)
            result.open.append(engine.openState)
            if let shown { result.openRows.append(try engine.openRows(limit: shown)) }
        }
        try engine.finish()
    } catch {
        result.error = "\(error)"
    }
    engine.takeRejects { result.rejects.append(contentsOf: $0) }
    result.output = collector.bytes
    engine.withCounts { counts in
        result.advisedDelay = counts.lateAdvice?.all
        result.figures = AccountFigures(
            records: counts.records, inWindow: counts.inWindow, inNoWindow: counts.inNoWindow,
            filtered: counts.filtered, late: counts.late, latePairs: counts.latePairs,
            rejected: counts.rejectedCount, rows: counts.rows)
        result.figures.duplicates = counts.duplicates
        result.figures.withoutKey = counts.withoutKey
        for (reason, rejections) in counts.rejected { result.reasons[reason.rawValue] = rejections.count }
        result.badValues = counts.bad.mapValues(\.count)
    }
    return result
}

/// The same with text cut into the given batches, all of one input.
func runEngine(
    _ query: Query, batches: [[UInt8]], seed: UInt64 = 7, crew: any Crew = SingleCrew()
) throws -> EngineResult {
    try runEngine(
        query, batches.enumerated().map { .lines($0.element, startsInput: $0.offset == 0) }, seed: seed, crew: crew)
}

/// The same with the text in one batch.
func runEngine(_ query: Query, _ text: String, seed: UInt64 = 7) throws -> EngineResult {
    try runEngine(query, batches: [Array(text.utf8)], seed: seed)
}

extension Query {
    /// A query over event times in the field `t`, microseconds.
    static func timed(
        _ window: WindowSpec, by keys: [String] = [], delay: Int64? = nil, lateness: Int64 = 0,
        _ aggregates: [Aggregate] = [Aggregate(name: "count", function: .count)]
    ) throws -> Query {
        var query = Query()
        query.time = .field(try FieldPath.parse("t"), .microseconds)
        query.window = window
        query.groupKeys = try keys.map { GroupKeySpec(name: $0, field: try FieldPath.parse($0)) }
        query.watermarkDelay = delay
        query.lateness = lateness
        query.aggregates = aggregates
        return query
    }
}

extension Aggregate {
    /// A function over plain fields.
    static func over(_ function: AggregateFunction, _ fields: String..., parameter: Double = 0) throws -> Aggregate {
        Aggregate(
            name: ([function.name] + fields).joined(separator: "_"), function: function,
            arguments: try fields.map { .field(try FieldPath.parse($0)) }, parameter: parameter)
    }
}
