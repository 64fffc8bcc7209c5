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

    @Test("threads that start on other processors may run on all of the process")
    func processors() throws {
        final class Shared: @unchecked Sendable {
            let state = Monitor()
            var seen: [[UInt8]] = []
        }
        @Sendable func allowed(_ path: String) throws -> [UInt8] {
            let lines = try #require(fileBytes(path, most: 1 << 16)).split(separator: UInt8(ascii: "\n"))
            return Array(try #require(lines.first { $0.starts(with: "Cpus_allowed:".utf8) }))
        }
        let shared = Shared()
        runInParallel(4) { _ in
            let mask = try? allowed("/proc/thread-self/status")
            shared.state.lock()
            shared.seen.append(mask ?? [])
            shared.state.unlock()
        }
        #expect(try shared.seen == Array(repeating: allowed("/proc/self/status"), count: 4))
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
