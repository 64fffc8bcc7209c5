import StreamEngine

/// What stopped a run.
enum RunFailure: Sendable {
    case engine(EngineError)
    case output(RunError)
}
