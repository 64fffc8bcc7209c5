import Glibc
import Plan
import StreamEngine
import System

/// The rows of open windows, below the rows of the table on a terminal. They are drawn again and again, and erased before
/// rows and messages.
struct LiveTable {
    /// How often they are drawn, microseconds.
    static let interval: Int64 = 200_000
    /// The part of the time that they may take: with many groups, they are drawn less often.
    private static let share: Int64 = 40

    private let claim: TerminalClaim
    private let isStyled = TransientText.isStyled
    private var next: Int64
    private var text: ProgressText

    /// - Parameter start: when the run has begun, microseconds.
    init?(_ plan: Plan, _ start: Int64) {
        guard plan.isWatched, StandardStreams.outputIsTerminal, TransientText.isSupported,
            let claim = TerminalClaim.table(on: STDOUT_FILENO)
        else { return nil }
        self.claim = claim
        text = ProgressText(start)
        next = start &+ Self.interval
    }

    func isDue(_ now: Int64) -> Bool { now >= next }

    /// - Parameters:
    ///   - now: when the engine was asked for its rows.
    ///   - openRows: the first rows of the open windows, at most as many as the number says.
    mutating func show(
        _ statistics: RunStatistics, _ now: Int64, clock: () -> Int64,
        _ openRows: (Int) throws(EngineError) -> OpenRows
    ) throws(EngineError) {
        let (columns, lines) = TransientText.size(of: STDOUT_FILENO)
        // The line of the counts, the header, and the line that says how many rows are missing.
        let rows = try openRows(max(0, lines - 4))
        let counts = text.parts(statistics, now)
        let frame = Self.frame(rows, Self.title(statistics.open) + counts, columns, lines, isStyled: isStyled)
        TransientText.draw(frame, on: STDOUT_FILENO)
        let end = clock()
        next = max(now &+ Self.interval, end &+ (end &- now) &* Self.share)
    }

    private static func title(_ open: OpenState) -> [String] {
        let windows = open.windows.map { "\($0) window\($0 == 1 ? "" : "s")" }
        return ["\(windows ?? "\(open.groups) group\(open.groups == 1 ? "" : "s")") open"]
    }

    /// As many rows as fit, each cut to the width.
    static func frame(
        _ rows: OpenRows, _ counts: [String], _ columns: Int, _ lines: Int, isStyled: Bool
    ) -> [String] {
        func styled(_ line: String, _ code: Int) -> String { isStyled ? "\u{1b}[\(code)m\(line)\u{1b}[0m" : line }
        // The last column would wrap on some terminals.
        let width = columns - 1
        var frame = [styled(ProgressLine.fit(counts, columns, prefix: "-- "), 2)]
        guard !rows.rows.isEmpty, lines >= 4 else { return frame }
        frame.append(styled(TextWidth.clipped(rows.header, to: width), 1))
        frame += rows.rows.map { TextWidth.clipped($0, to: width) }
        switch rows.hidden {
        case 0: break
        case let count?: frame.append(styled(TextWidth.clipped("… \(count) more", to: width), 2))
        case nil: frame.append(styled("…", 2))
        }
        return frame
    }
}
