/// All that one worker does to a batch on its own: scan, compute, filter, read event times. No state is shared between
/// workers and nothing here depends on the batches before.
package struct ScanStage: ~Copyable {
    private var format: JSONFormat
    private var programs: [Computation] = []
    private var filter: Filter?
    private var timeReader: TimeReader?
    private let keys: KeyEncoder?
    private let layout: ColumnLayout
    private var badValuesBefore = 0

    /// A program and the column that takes its results.
    private final class Computation {
        var program: Program
        let column: Int
        init(program: consuming Program, column: Int) {
            self.program = program
            self.column = column
        }
    }

    private final class Filter {
        var program: Program
        var keep: UnsafeMutableBufferPointer<Bool>
        init(program: consuming Program) {
            self.program = program
            keep = .allocate(capacity: 1024)
        }
        deinit { keep.deallocate() }
    }

    /// - Throws: an expression that cannot be compiled (a bad pattern, an unknown field of the rows).
    package init(_ query: Query, _ layout: ColumnLayout) throws(ExpressionError) {
        self.layout = layout
        keys = query.passesThrough ? nil : KeyEncoder(layout.keyColumns, seed: layout.seed)
        format = JSONFormat(fields: layout.fields, maxLine: query.maxLine)
        for item in layout.computed {
            let program = try Program(item.expression, zone: query.zone) { item.names[$0] }
            programs.append(Computation(program: program, column: item.column))
        }
        if let expression = query.filter {
            filter = Filter(program: try Program(expression, zone: query.zone) { layout.column(of: $0) })
        }
        if case .field(_, let format) = query.time { timeReader = TimeReader(format, zone: query.zone) }
    }

    package mutating func run(_ batch: inout Batch, into records: inout Records) {
        format.read(&batch, into: &records)
        records.take(batch.sourceColumns, columns: layout.sourceColumns)
        let count = records.count
        for computation in programs {
            computation.program.evaluate(
                over: &records.columns, rows: count, into: computation.column, arena: &records.arena)
        }
        if let filter { apply(filter, to: &records) }
        if layout.takesSourceTimes { records.takeTimes(of: batch.sourceColumns) } else { readTimes(&records) }
        keys?.encode(&records)
        let bad = programs.reduce(filter?.program.badValues ?? 0) { $0 + $1.program.badValues }
        records.badValues = bad - badValuesBefore
        badValuesBefore = bad
    }

    private func apply(_ filter: Filter, to records: inout Records) {
        let count = records.count
        if filter.keep.count < count {
            filter.keep.deallocate()
            filter.keep = .allocate(capacity: records.columns.capacity)
        }
        guard let keep = filter.keep.baseAddress else { return }
        keep.initialize(repeating: true, count: count)
        filter.program.select(over: &records.columns, rows: count, arena: &records.arena, keep: keep)
        for row in 0..<count where !keep[row] && records.places[row].status == .accepted {
            records.places[row].status = .filtered
            records.unusualRows &+= 1
        }
    }

    private mutating func readTimes(_ records: inout Records) {
        guard let column = layout.timeColumn, var reader = timeReader else { return }
        let cells = records.columns[column]
        var span = (earliest: Int64.max, latest: Int64.min)
        var areKnown = true
        records.timeKinds.update(repeating: .known, count: records.count)
        var row = 0
        while true {
            row = reader.readRun(cells, from: row, to: records.count, into: records.times, span: &span)
            guard row < records.count else { break }
            switch reader.read(cells[row]) {
            case .time(let time):
                records.times[row] = time
                span = (min(span.earliest, time), max(span.latest, time))
            case .epoch(let number):
                records.times[row] = number.integer
                records.timeKinds[row] = number.kind == .integer ? .epochInteger : .epochDouble
                areKnown = false
            case .none:
                records.timeKinds[row] = .none
                areKnown = false
            }
            row &+= 1
        }
        timeReader = reader
        if areKnown, records.unusualRows == 0, row > 0 { records.timeSpan = span.earliest...span.latest }
    }
}
