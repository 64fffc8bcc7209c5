import Testing

@testable import System

@Suite("how often a problem is reported") struct NoticeLimitTests {
    private static let second: Int64 = 1_000_000

    @Test("the first one is reported, then one a minute") func limit() {
        var limit = NoticeLimit()
        let reported = [5, 6, 64, 65, 66, 124, 200].filter { limit.allows(at: $0 * Self.second) }
        #expect(reported == [5, 65, 200])
    }

    @Test("an outage is reported at its start and once a minute, and its end once") func outage() {
        var outage = Outage()
        #expect(outage.recover(at: 0) == nil)
        let reported = [1, 2, 30, 60, 61, 62].filter { outage.fail(at: $0 * Self.second) }
        #expect(reported == [1, 61] && outage.isOngoing)
        #expect(outage.recover(at: 64 * Self.second + 250_000) == "recovered after 63.2 s")
        #expect(!outage.isOngoing && outage.recover(at: 65 * Self.second) == nil)
    }

    @Test("outages that follow each other within a minute are reported once, with one end") func flapping() {
        var outage = Outage()
        var reported: [Int64] = []
        var ends: [Int64] = []
        for start in stride(from: Int64(0), to: 120, by: 10) {
            if outage.fail(at: start * Self.second) { reported.append(start) }
            if outage.recover(at: (start + 3) * Self.second) != nil { ends.append(start + 3) }
        }
        #expect(reported == [0, 60] && ends == [3, 63])
    }

    @Test("an outage soon after another one is reported when the minute is over, with the time of its start")
    func late() {
        var outage = Outage()
        #expect(outage.fail(at: 0) && outage.recover(at: Self.second) != nil)
        #expect(!outage.fail(at: 10 * Self.second) && outage.fail(at: 70 * Self.second))
        #expect(outage.recover(at: 80 * Self.second) == "recovered after 70.0 s")
    }
}
