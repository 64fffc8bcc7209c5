/// What stops a run.
package enum EngineError: Error, Sendable {
    case sink(RunError)
    /// `--strict`, and a record was rejected.
    case rejected(RejectReason, RecordPosition, detail: String)
    /// More groups than `--max-groups`.
    case tooManyGroups(Int)
    /// `--fill` would print more rows at once than is sane.
    case tooManyGapRows(Int)

    /// Nothing more can be written.
    var isOfSink: Bool { if case .sink = self { true } else { false } }
}
