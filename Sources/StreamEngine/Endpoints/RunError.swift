/// What ends a run early, in words for the user.
package struct RunError: Error, Equatable, Sendable {
    /// What it is about; decides the exit status.
    package enum Kind: Sendable, CaseIterable {
        /// What the user named makes no sense.
        case usage
        /// Records under `--strict`, or more of them than limits allow.
        case badData
        /// Records that were to be read are gone.
        case recordsGone
        /// An input cannot be opened or read.
        case noInput
        /// The database or the brokers cannot be reached.
        case unavailable
        /// An output cannot be created.
        case cannotCreate
        /// A write failed.
        case writeFailed
        /// The reader went away (EPIPE): the quiet end of a pipe.
        case readerGone
        /// The table, the rights, or what an earlier run left, do not fit this command line.
        case mismatch
        /// Another process has the job, or the output went back: the next run may succeed.
        case temporary
        /// A signal asked to stop while the run waited.
        case interrupted
    }

    package let kind: Kind
    /// One line without the leading "streamctl: ". Holds no secret.
    package let text: String

    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

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

    /// The same, about an input or output of this name.
    package func about(_ name: String) -> RunError { RunError(kind, "\(name): \(text)") }
}
