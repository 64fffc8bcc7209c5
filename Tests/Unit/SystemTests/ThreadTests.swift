import Testing

@testable import System

@Suite("threads")
struct ThreadTests {
    @Test("a body runs once for each number, and all are waited for", arguments: [0, 1, 2, 7])
    func parallel(_ count: Int) {
        final class Shared: @unchecked Sendable {
            let state = Monitor()
            var seen: [Int] = []
        }
        let shared = Shared()
        runInParallel(count) { number in
            shared.state.lock()
            shared.seen.append(number)
            shared.state.unlock()
        }
        #expect(shared.seen.sorted() == Array(0..<max(1, count)))
    }

    @Test("a monitor wakes those that wait for a change")
    func monitor() {
        final class Shared: @unchecked Sendable {
            let state = Monitor()
            var value = 0
        }
        let shared = Shared()
        runInParallel(2) { number in
            for step in 0..<1000 {
                shared.state.lock()
                while shared.value != 2 * step + number { shared.state.wait() }
                shared.value += 1
                shared.state.notifyAll()
                shared.state.unlock()
            }
        }
        #expect(shared.value == 2000)
    }
}
