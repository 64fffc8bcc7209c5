/// An error that ends a run early, with a message for the user.
package struct RunError: Error, Equatable, Sendable {
    /// The cause, which determines the exit status.
    package enum Kind: Sendable, CaseIterable {
        /// The options are invalid.
        case usage
        /// A record was rejected under `--strict`, or a limit was exceeded.
        case badData
        /// A compressed input is damaged or cut off. What came before was read.
        case damagedInput
        /// Records that the run must read no longer exist.
        case recordsGone
        /// An input cannot be opened or read.
        case noInput
        /// The database or the brokers cannot be reached.
        case unavailable
        /// An output cannot be created.
        case cannotCreate
        /// A write failed.
        case writeFailed
        /// The reader of a pipe exited (EPIPE), which ends the run quietly.
        case readerGone
        /// The table, the privileges or the checkpoint of an earlier run do not match the command line.
        case mismatch
        /// Another process has taken over the job, or the output has returned to an earlier state: a retry may succeed.
        case temporary
        /// A signal requested a stop while the run was waiting.
        case interrupted
    }

    package let kind: Kind
    /// One line without the leading "streamctl: ". Contains no secrets.
    package let text: String

    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    package static func badInput(_ text: String) -> RunError { RunError(.badData, text) }
    package static func usage(_ text: String) -> RunError { RunError(.usage, text) }
    package static func recordsGone(_ text: String) -> RunError { RunError(.recordsGone, text) }
    package static func noInput(_ text: String) -> RunError { RunError(.noInput, text) }
    package static func unavailable(_ text: String) -> RunError { RunError(.unavailable, text) }
    package static func mismatch(_ text: String) -> RunError { RunError(.mismatch, text) }
    package static func temporary(_ text: String) -> RunError { RunError(.temporary, text) }
    package static let readerGone = RunError(.readerGone, "")

    package static func cannotCreate(output: String, reason: String) -> RunError {
        RunError(.cannotCreate, "\(output): \(reason)")
    }

    package static func writeFailed(output: String, reason: String) -> RunError {
        RunError(.writeFailed, "\(output): write failed: \(reason)")
    }

    /// The same error, with the name of the input or output in front.
    package func about(_ name: String) -> RunError { RunError(kind, "\(name): \(text)") }
}
