/// An error that ends a run.
package enum EngineError: Error, Sendable {
    case sink(RunError)
    /// Rows of a table could not be fetched.
    case lookup(RunError)
    /// A record was rejected under `--strict`.
    case rejected(RejectReason, RecordPosition, detail: String)
    /// Nothing of an input can be read.
    ///
    /// - Parameter head: its first bytes.
    case foreignInput(ForeignContent, head: [UInt8], input: Int)
    /// More groups than `--max-groups`.
    case tooManyGroups(Int)
    /// The state takes more memory than `--max-state`.
    case stateTooLarge(StateSize)
    /// The error of a stage of `--then`; stages are counted from 1.
    indirect case ofStage(Int, EngineError)

    /// Whether the sink failed, so that nothing more can be written.
    var isOfSink: Bool { if case .sink = self { true } else { false } }
}

/// What the memory of a state that is too large is used for.
package struct StateSize: Sendable {
    package enum Part: Sendable, Equatable {
        /// The groups with their keys, and the states of aggregates that need little memory.
        case groups
        /// The states of aggregates that share them, such as `top_path`.
        case aggregates(String)
        /// Open windows, sessions and slices.
        case windows
        /// The keys of `--dedup`.
        case keys
        /// The rows that are about to be printed.
        case rows
    }

    /// The bytes allowed.
    package let limit: Int
    /// The parts with their bytes, the largest first.
    package let parts: [(part: Part, bytes: Int)]

    package init(limit: Int, parts: [(part: Part, bytes: Int)]) {
        self.limit = limit
        self.parts = parts.sorted { $0.bytes > $1.bytes }
    }
}
