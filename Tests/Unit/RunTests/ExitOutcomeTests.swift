import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("how a run ends") struct ExitOutcomeTests {
    @Test("an error has a message of one line and its status", arguments: RunError.Kind.allCases)
    func statuses(kind: RunError.Kind) {
        let outcome = Diagnostics.ending(of: RunError(kind, "a \n b"))
        if kind == .readerGone {
            #expect(outcome.message.isEmpty && outcome.signal != 0)
        } else {
            #expect(outcome.message == "streamctl: a \\x0a b\n" && outcome.status.rawValue != 0)
        }
    }
}
