/// The query of a command line, as typed and validated values.
package struct Query: Sendable {
    // Records
    /// `--lookup`, in order: before anything is computed.
    package var lookups: [Lookup] = []
    /// `--let`, in order: each may use the ones before it.
    package var lets: [NamedExpression] = []
    /// `--where`: only records for which it is true are processed.
    package var filter: Expression?
    /// Which records are dropped as duplicates of others; nil if all are processed.
    package var dedup: Deduplication?
    /// Lines longer than this many bytes are rejected.
    package var maxLine = 1 << 20
    /// Where records are inside of those that are read.
    package var nesting = Nesting()
    /// The most bytes of a record that is read: one with arrays of records is longer than they are.
    package var documentLimit: Int { nesting.arrays.isEmpty ? maxLine : max(maxLine, 1 << 30) }
    /// Stop after this many records (`--max-records`).
    package var maxRecords: Int?

    // Event time
    package var time: EventTime?
    /// Maximum out-of-orderness in microseconds; nil if no record is late and windows close at the end of the input.
    package var watermarkDelay: Int64?
    /// The time for which a closed window can be corrected, in microseconds.
    package var lateness: Int64 = 0
    /// The time without records after which the watermark advances with the wall clock, in microseconds; nil for never.
    package var idle: Int64?
    /// Records further ahead of the wall clock than this are rejected, in microseconds; nil for no limit.
    package var maxAhead: Int64?
    package var zone = ZoneOffsets.utc
    /// The year of times without one; nil if it follows from the records before them.
    package var year: Int64?

    // Windows and groups
    package var window: WindowSpec = .all
    package var groupKeys: [GroupKeySpec] = []
    package var maxGroups = 10_000_000
    /// The bytes that the state may take (`--max-state`); nil for no limit.
    package var maxState: Int?

    // Results
    /// The aggregates; empty if records pass through. Those that no column shows are used in expressions.
    package var aggregates: [Aggregate] = []
    private var givenColumns: [ResultColumn]?
    /// The columns that follow from aggregates, in order. By default, one for each aggregate.
    package var aggregateColumns: [ResultColumn] {
        get { givenColumns ?? aggregates.indices.map { .aggregate($0) } }
        set { givenColumns = newValue }
    }
    package var having: Expression?
    /// `--select`; nil for all columns in order or, if records pass through, for the record itself.
    package var select: [NamedExpression]?
    /// The order of the rows of a window, and how many there are; nil for all of them, by group key.
    package var order: RowOrder?
    package var fill = FillMode.none
    /// The interval of wall-clock time at which open windows are printed, microseconds.
    package var early: Int64?
    package var punctuate = false
    /// Whether records that pass through without an event time take control lines with them.
    package var handsOnControlLines = true
    package var format: OutputFormat = .json
    /// Decimals of doubles in text, except in group keys and fields that are printed as they were read; nil for the
    /// fewest that read back as the same number (`--digits`).
    package var digits: Int?
    /// Computed doubles are shortened for a reader at a terminal.
    package var shortensNumbers = false
    /// The fields of a row that form its message key in a topic (`--key`); empty for no key.
    package var rowKey: [FieldPath] = []
    /// The headers of a row as a message (`--header`): their names, and the fields of the row with their values.
    package var rowHeaders: [(name: String, field: FieldPath)] = []
    /// The records are changes of rows of a table, which have a key; nil if they are not.
    package var changes: RowChanges?

    package init() {}

    /// Whether the year of a record's event time may follow from the record before it.
    var takesYearless: Bool {
        guard year == nil, case .field(_, let format) = time else { return false }
        return switch format {
        case .auto: true
        case .pattern(let pattern): pattern.lacksYear
        default: false
        }
    }

    /// The expressions over records and, unless they use aggregates, over rows.
    package var expressions: [Expression] {
        lets.map(\.expression) + aggregates.flatMap(\.arguments)
            + [filter, having, changes?.deletion].compactMap { $0 }
            + (dedup?.fields ?? []).map { .field($0) } + (select ?? []).map(\.expression) + groupKeys.map(\.expression)
    }

    /// Whether records pass through instead of being aggregated.
    package var passesThrough: Bool { aggregates.isEmpty }
}

package struct GroupKeySpec: Sendable {
    /// Name of the column in the rows.
    package var name: String
    package var expression: Expression

    package init(name: String, expression: Expression) {
        self.name = name
        self.expression = expression
    }

    package init(name: String, field: FieldPath) { self.init(name: name, expression: .field(field)) }

    /// The field, if the key is just a field.
    package var field: FieldPath? { expression.plainField }
}

/// The source of a record's event time.
package enum EventTime: Sendable {
    case field(FieldPath, TimeFormat)
    /// The wall clock when the record was read: processing time.
    case arrival
}

/// The windows without records that get rows.
package enum FillMode: Sendable {
    case none
    /// `--fill`: for each group, those between its first and its last row.
    case gaps
    /// `--fill-all`: for each group, all windows from its first row on.
    case all
}

package enum OutputFormat: String, Sendable, CaseIterable {
    case json, csv, tsv, table
    case spark, bars, heat, svg

    /// Whether rows become a picture, which no program reads.
    package var isPicture: Bool {
        switch self {
        case .json, .csv, .tsv, .table: false
        case .spark, .bars, .heat, .svg: true
        }
    }
}

/// One aggregate column of the result.
package struct Aggregate: Sendable {
    package var name: String
    package var function: AggregateFunction
    /// As many as the function takes: none for `count`, two for `min_by` and `max_by`, one for all others.
    package var arguments: [Expression]
    /// The rank of a quantile (0...1) or the length of `top`; 0 for all others.
    package var parameter: Double

    package init(name: String, function: AggregateFunction, arguments: [Expression] = [], parameter: Double = 0) {
        self.name = name
        self.function = function
        self.arguments = arguments
        self.parameter = parameter
    }
}
