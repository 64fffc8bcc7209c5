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
        case .sink(let error), .lookup(let error): self = error
        case .rejected(let reason, let position, let detail):
            self.init(
                .badData, "\(names.text(of: position)): \(reason.rawValue): \(detail); --strict ends the run here")
        case .foreignInput(let content, let head, let input):
            self.init(.badData, content.message(names[input], head))
        case .tooManyGroups(let limit):
            self.init(
                .badData,
                "more than \(limit) groups are open at once; raise --max-groups, or use shorter windows")
        case .stateTooLarge(let size): self.init(.badData, size.message)
        case .ofStage(let number, let error):
            self = RunError(error, Query.namesOfInput(ofStage: number - 1)).about("stage \(number)")
        }
    }
}

extension StateSize {
    /// What is too large, what it consists of, and the options that make it smaller.
    var message: String {
        let used = parts.filter { $0.bytes > limit / 100 }.map { "\(Self.name($0.part)) \(Self.text($0.bytes))" }
        return "the state takes more than \(Self.text(limit)): \(used.joined(separator: ", ")); raise --max-state "
            + "(by default a quarter of the memory), or \(parts.first.map { Self.remedy($0.part) } ?? "")"
    }

    private static func name(_ part: Part) -> String {
        switch part {
        case .groups: "groups"
        case .aggregates(let names): names
        case .windows: "open windows"
        case .keys: "keys of --dedup"
        case .rows: "rows to print"
        }
    }

    private static func remedy(_ part: Part) -> String {
        switch part {
        case .groups: "use shorter windows, fewer group keys, or a smaller --watermark and --lateness"
        case .aggregates: "use shorter windows, or keep fewer values with --where"
        case .windows: "use fewer windows at a time: a smaller --watermark and --lateness, or a larger --every"
        case .keys:
            "keep keys for less time with --within and a smaller --watermark"
        case .rows: "print fewer rows at a time: without --fill, or with shorter windows"
        }
    }

    /// A number of bytes with three digits, in powers of 1024 as `--max-state` takes them.
    static func text(_ bytes: Int) -> String {
        var value = Double(bytes)
        for unit in ["bytes", "KiB", "MiB"] {
            if value < 1000 { return unit == "bytes" ? "\(bytes) bytes" : "\(rounded(value)) \(unit)" }
            value /= 1024
        }
        return "\(rounded(value)) GiB"
    }

    private static func rounded(_ value: Double) -> String {
        if value >= 100 { return "\(Int(value.rounded()))" }
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
