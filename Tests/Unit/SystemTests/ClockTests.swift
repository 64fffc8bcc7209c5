import Testing

@testable import System

@Suite("clock")
struct ClockTests {
    @Test("the wall clock counts microseconds since 1970")
    func wall() {
        // 2025-01-01 and 2200-01-01.
        #expect((1_735_689_600_000_000...7_258_118_400_000_000).contains(wallClock()))
    }

    @Test("the steady clock does not go back")
    func steady() {
        var last = steadyClock()
        for _ in 0..<10_000 {
            let now = steadyClock()
            #expect(now >= last)
            last = now
        }
    }

    @Test("seeds differ")
    func seeds() { #expect(Set((0..<100).map { _ in randomSeed() }).count == 100) }
}
