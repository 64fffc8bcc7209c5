import Glibc
import Plan
import StreamEngine
import System

/// Messages for standard error, and the exit status of each error.
package enum Diagnostics {
    /// One message: the program's name and the escaped text.
    package static func line(_ text: String) -> String {
        var buffer = ByteBuffer()
        var text = text
        text.withUTF8 { buffer.append(printable: UnsafeRawBufferPointer($0)) }
        return "streamctl: \(buffer.text)\n"
    }

    /// An expression that cannot be compiled.
    static func ending(of error: ExpressionError) -> ExitOutcome {
        let text = Excerpt.text(Array(error.text.utf8), limit: 100)
        return ExitOutcome(.usage, line("'\(text)' at column \(error.column): \(error.reason)"))
    }

    package static func ending(of error: RunError) -> ExitOutcome {
        switch error.kind {
        case .readerGone: ExitOutcome(.done, signal: SIGPIPE)
        case .interrupted:
            // A run that needs no more input raises `process` itself.
            ExitOutcome(
                .temporary, line(error.text),
                signal: Interrupt.signals.isRaised ? Interrupt.signals.signalNumber : Interrupt.process.signalNumber)
        default: ExitOutcome(ExitStatus(error.kind), line(error.text))
        }
    }

    static func heldBack(_ plan: Plan) -> String {
        let name = plan.input.names.last ?? "the input"
        return line("\(name): the last line is incomplete; the next run of the job will read it")
    }
}

extension RunError {
    /// - Parameter names: what messages call the inputs.
    init(_ error: EngineError, _ names: InputNames) {
        switch error {
        case .sink(let error): self = error
        case .rejected(let reason, let position, let detail):
            self.init(
                .badData, "\(names.text(of: position)): \(reason.rawValue): \(detail); --strict ends the run here")
        case .foreignInput(let content, let input): self.init(.badData, content.message(names[input]))
        case .tooManyGroups(let limit):
            self.init(
                .badData,
                "more than \(limit) groups are open at once; raise --max-groups, or use shorter windows")
        }
    }
}
