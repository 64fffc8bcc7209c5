import Glibc
import Plan
import StreamEngine
import System

/// The line on the terminal that shows how far a run is; without a terminal, a line every ten seconds if it was asked for.
struct ProgressLine {
    /// How often the line is drawn, microseconds.
    static let interval: Int64 = 200_000
    /// A run that takes less than this shows nothing.
    private static let patience: Int64 = 500_000
    private static let plainInterval: Int64 = 10_000_000
    private let isDrawn: Bool
    private var claim: TerminalClaim?
    private var next: Int64
    private var text: ProgressText

    /// - Parameter start: when the run has begun, microseconds.
    init?(_ plan: Plan, _ start: Int64) {
        let isTerminal = StandardStreams.errorIsTerminal && TransientText.isSupported
        switch plan.progress {
        case .off: return nil
        case .on: break
        case .automatic:
            let printsRows = plan.output.path == "-" && StandardStreams.outputIsTerminal
            guard plan.verbosity != .quiet, isTerminal, !printsRows,
                let claim = TerminalClaim.line(on: STDERR_FILENO)
            else { return nil }
            self.claim = claim
        }
        text = ProgressText(start)
        isDrawn = isTerminal
        next = start &+ (isTerminal ? Self.patience : Self.plainInterval)
    }

    func isDue(_ now: Int64) -> Bool { now >= next }

    mutating func show(_ statistics: RunStatistics, _ now: Int64) {
        next = now &+ (isDrawn ? Self.interval : Self.plainInterval)
        let parts = text.parts(statistics, now)
        if isDrawn {
            guard claim?.rests != true else { return TransientText.erase() }
            TransientText.draw([Self.fit(parts, TransientText.size().columns)])
        } else {
            StandardStreams.writeError(Diagnostics.line(parts.joined(separator: ", ")), .info)
        }
    }

    func end() { if isDrawn { TransientText.erase() } }

    /// As many parts as there is room for.
    static func fit(_ parts: [String], _ width: Int, prefix: String = "streamctl: ") -> String {
        var text = prefix
        for (number, part) in parts.enumerated() {
            let next = number == 0 ? part : ", " + part
            // The last column would wrap on some terminals.
            guard text.utf8.count + next.utf8.count < width else { break }
            text += next
        }
        return text
    }
}
