import StreamEngine

extension RunError {
    static let interrupted = RunError(.interrupted, "stopped while waiting for the database")
}
