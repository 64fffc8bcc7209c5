/// The work of one worker on a batch: reads the records in their format, then computes, filters, reads event times and
/// encodes keys, step by step. Workers share no state, and nothing here depends on earlier batches.
package struct ScanStage: ~Copyable {
    /// The format of the last batch.
    private var input: InputFormat
    private var format: any RecordFormat & ~Copyable
    private let steps: [any ColumnStep]
    private let lookups: [Lookup]
    /// Whether a table is read again while the run goes on.
    private let hasCurrentTables: Bool
    private let layout: ColumnLayout
    private let maxLine: Int
    /// Reads the elements of arrays instead of the records themselves.
    private let elements: ElementReader?
    /// Read what fields of the records hold as text.
    private let texts: [UnwrapReader]
    /// The fields of the records, before texts are unwrapped.
    private let fields: [FieldPath]
    /// Those of the format, with the defects of what is read inside of records.
    private var traits: RecordTraits
    /// Whether control lines are lines of the input, by which its records are numbered.
    var countsControlLines = true

    /// - Parameter lanes: those of the crew that can look up groups.
    /// - Throws: an expression that cannot be compiled (a bad pattern, an unknown field of the rows).
    package init(
        _ query: Query, _ layout: ColumnLayout, _ input: InputFormat = .json, lanes: LaneDivision? = nil
    ) throws(ExpressionError) {
        self.layout = layout
        lookups = query.lookups
        hasCurrentTables = query.lookups.contains { $0.current != nil }
        maxLine = query.maxLine
        self.input = input
        let nesting = query.nesting
        fields = nesting.isEmpty ? layout.fields : layout.fields(at: nesting.arrays.count)
        format = input.make(fields, query.maxLine)
        format.readNumbers(in: layout.numberColumns)
        traits = input.traits
        elements =
            nesting.arrays.isEmpty
            ? nil : ElementReader(layout, maxLine: query.maxLine, documentLimit: query.documentLimit)
        texts = nesting.texts.indices.map { UnwrapReader($0, layout, maxLine: query.maxLine) }
        var steps: [any ColumnStep] = []
        var timeStep: (any ColumnStep)?
        if layout.takesSourceTimes {
            timeStep = SourceTimeStep()
        } else if case .field(_, let format) = query.time, let column = layout.timeColumn {
            timeStep = TimeStep(TimeReader(format, zone: query.zone, year: query.year), from: column)
        }
        // The rows of a table may depend on the time; other times may be computed.
        if query.lookups.contains(where: { $0.asOf != nil }), let step = timeStep {
            steps.append(step)
            timeStep = nil
        }
        for (number, columns) in layout.lookups.enumerated() {
            let lookup = query.lookups[number]
            guard lookup.table != nil || lookup.keyed != nil else { continue }
            let targets = columns.targets.map {
                LookupStep.Target(column: $0, isNumber: columns.numbers.contains($0))
            }
            steps.append(LookupStep(lookup, number, keys: columns.keys, targets: targets))
        }
        for item in layout.computed {
            let program = try Program(item.expression, zone: query.zone, year: query.year) { item.names[$0] }
            steps.append(ComputeStep(program, into: item.column))
        }
        if let expression = query.filter {
            steps.append(
                FilterStep(try Program(expression, zone: query.zone, year: query.year) { layout.column(of: $0) }))
        }
        if let timeStep { steps.append(timeStep) }
        if !layout.dedupColumns.isEmpty { steps.append(FingerprintStep(layout.dedupColumns, seed: layout.seed)) }
        if !query.passesThrough { steps.append(KeyStep(layout.keyColumns, seed: layout.seed, lanes)) }
        if let changes = query.changes, changes.takesTombstones, let column = layout.deletionColumn {
            steps.append(TombstoneStep(column, isFilled: changes.deletion != nil))
        }
        self.steps = steps
        describe()
    }

    /// Sets the possible defects of the records of the format.
    private mutating func describe() {
        traits = input.traits
        if let elements { elements.describe(&traits) }
        guard let field = layout.nesting.texts.first?.field.text else { return }
        traits.defects.append("the text of --unwrap is not valid JSON")
        let find = traits.findDefect
        traits.findDefect = {
            find($0) ?? RecordDefect(offset: 0, message: "the text of '\(field)' is not valid JSON", showsText: false)
        }
    }

    /// Chooses the tables that the records of the next batch are looked up in. Called for one batch after the other, in
    /// their order.
    package func noteTables(in records: inout Records) {
        guard hasCurrentTables else { return }
        records.lookupTables = lookups.map { $0.current?.table }
    }

    /// Converts a batch, in the format of the last one unless another is given, to columns. The values may borrow from the batch and from constants of the steps.
    package mutating func run(_ batch: inout Batch, as other: InputFormat? = nil, into records: inout Records) {
        if let other, !(other == input) {
            input = other
            format = other.make(fields, maxLine)
            format.readNumbers(in: layout.numberColumns)
            describe()
        }
        if let elements {
            elements.read(&batch, as: input, into: &records)
        } else {
            format.read(&batch, into: &records)
            records.noteTornLine(of: batch, isWholeIfValid: input.traits.isSelfDelimiting)
        }
        if !countsControlLines { records.leaveOutControlLines() }
        for text in texts {
            text.apply(to: &records, defect: .malformed(UInt8(truncatingIfNeeded: traits.defects.count - 1)))
        }
        records.describe(traits)
        records.take(batch.sourceColumns, columns: layout.sourceColumns, linesBefore: batch.linesBefore)
        for step in steps { step.apply(to: &records, of: batch) }
    }
}
