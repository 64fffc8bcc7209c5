import Glibc
import System
import Testing

@testable import Postgres

struct PatienceTests {
    @Test("pauses double up to ten seconds, with jitter") func backoff() {
        var backoff = Backoff()
        var limit: Int64 = 100_000
        for _ in 0..<12 {
            let pause = backoff.pause()
            #expect((limit / 2...limit).contains(pause))
            limit = min(limit * 2, 10_000_000)
        }
    }

    @Test("an interrupt ends a pause, but not a transaction") func interrupt() {
        let interrupt = Interrupt()
        let patience = WaitBudget(interrupt: interrupt.pollDescriptor)
        #expect(patience.sleep(1000))
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let soon = { steadyClock() + 20_000 }
        #expect(patience.wait(for: ends[0], POLLIN, until: soon(), finishing: true) == .deadline)
        interrupt.raise(SIGTERM)
        #expect(!patience.sleep(60_000_000))
        #expect(patience.wait(for: ends[0], POLLIN, until: soon(), finishing: false) == .interrupted)
        #expect(patience.wait(for: ends[0], POLLIN, until: soon(), finishing: true) == .deadline)
        _ = write(ends[1], "x", 1)
        #expect(patience.wait(for: ends[0], POLLIN, until: soon(), finishing: true) == .ready)
    }
}
