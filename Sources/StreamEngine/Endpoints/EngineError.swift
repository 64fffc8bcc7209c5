/// An error that ends a run.
package enum EngineError: Error, Sendable {
    case sink(RunError)
    /// A record was rejected under `--strict`.
    case rejected(RejectReason, RecordPosition, detail: String)
    /// Nothing of an input can be read.
    case foreignInput(ForeignContent, input: Int)
    /// More groups than `--max-groups`.
    case tooManyGroups(Int)

    /// Whether the sink failed, so that nothing more can be written.
    var isOfSink: Bool { if case .sink = self { true } else { false } }
}
