import StreamEngine

/// The exit statuses of a run, as in sysexits.h.
///
/// A run that is stopped by a signal dies by that signal, so the shell sees 130 or 143. If the reader of its rows
/// exits, it dies quietly by SIGPIPE (141), as `cat` does.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// All input was read and all rows were written.
    case done = 0
    /// The options are invalid (EX_USAGE).
    case usage = 64
    /// A rejected record under `--strict`, nothing but rejected records, or records that were deleted (EX_DATAERR).
    case badData = 65
    /// An input cannot be opened or read (EX_NOINPUT).
    case noInput = 66
    /// The database or the brokers cannot be reached (EX_UNAVAILABLE).
    case unavailable = 69
    /// A bug in streamctl (EX_SOFTWARE).
    case bug = 70
    /// The system has no memory left (EX_OSERR). `CAllocation` ends the process with it.
    case outOfMemory = 71
    /// The output cannot be created (EX_CANTCREAT).
    case cannotCreate = 73
    /// A write failed (EX_IOERR).
    case writeFailed = 74
    /// A temporary failure, such as a job that another process runs: a retry may succeed (EX_TEMPFAIL).
    case temporary = 75
    /// The table or the checkpoint of the job does not match the options (EX_CONFIG).
    case mismatch = 78
}

extension ExitStatus {
    /// The status of a run that ended early.
    package init(_ kind: RunError.Kind) {
        self =
            switch kind {
            case .usage: .usage
            case .badData, .damagedInput, .recordsGone: .badData
            case .noInput: .noInput
            case .unavailable: .unavailable
            case .cannotCreate: .cannotCreate
            case .writeFailed: .writeFailed
            case .mismatch: .mismatch
            // A stopped run can be resumed. If a signal stopped it, it dies by that signal.
            case .temporary, .interrupted: .temporary
            // Dies by SIGPIPE.
            case .readerGone: .done
            }
    }
}
