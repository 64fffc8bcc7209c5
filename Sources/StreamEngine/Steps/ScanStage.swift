/// The work of one worker on a batch: reads the records in their format, then computes, filters, reads event times and
/// encodes keys, step by step. Workers share no state, and nothing here depends on earlier batches.
package struct ScanStage: ~Copyable {
    /// The format of the last batch.
    private var input: InputFormat
    private var format: any RecordFormat & ~Copyable
    private let steps: [any ColumnStep]
    private let layout: ColumnLayout
    private let maxLine: Int

    /// - Throws: an expression that cannot be compiled (a bad pattern, an unknown field of the rows).
    package init(
        _ query: Query, _ layout: ColumnLayout, _ input: InputFormat = .json
    ) throws(ExpressionError) {
        self.layout = layout
        maxLine = query.maxLine
        self.input = input
        format = input.make(layout.fields, query.maxLine)
        var steps: [any ColumnStep] = []
        for item in layout.computed {
            let program = try Program(item.expression, zone: query.zone, year: query.year) { item.names[$0] }
            steps.append(ComputeStep(program, into: item.column))
        }
        if let expression = query.filter {
            steps.append(
                FilterStep(try Program(expression, zone: query.zone, year: query.year) { layout.column(of: $0) }))
        }
        if layout.takesSourceTimes {
            steps.append(SourceTimeStep())
        } else if case .field(_, let format) = query.time, let column = layout.timeColumn {
            steps.append(TimeStep(TimeReader(format, zone: query.zone, year: query.year), from: column))
        }
        if !query.passesThrough { steps.append(KeyStep(layout.keyColumns, seed: layout.seed)) }
        self.steps = steps
    }

    /// Converts a batch to columns. The values may borrow from the batch and from constants of the steps.
    package mutating func run(_ batch: inout Batch, as other: InputFormat = .json, into records: inout Records) {
        if !(other == input) {
            input = other
            format = other.make(layout.fields, maxLine)
        }
        format.read(&batch, into: &records)
        records.describe(input.content, input.defects, input.findDefect)
        records.noteTornLine(of: batch, isWholeIfValid: input.isSelfDelimiting)
        records.take(batch.sourceColumns, columns: layout.sourceColumns, linesBefore: batch.linesBefore)
        for step in steps { step.apply(to: &records, of: batch) }
    }
}
