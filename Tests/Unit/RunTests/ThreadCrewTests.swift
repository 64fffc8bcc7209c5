import Synchronization
import Testing

@testable import Run
@testable import StreamEngine

@Suite("the threads of a crew") struct ThreadCrewTests {
    @Test("take each part of each task once", arguments: [1, 2, 3, 7, 16])
    func parts(width: Int) {
        let crew = ThreadCrew(width: width)
        defer { crew.end() }
        for count in [0, 1, 2, 5, 100, 1000] {
            let taken = Mutex([Int](repeating: 0, count: count))
            crew.run(count) { part in taken.withLock { $0[part] += 1 } }
            #expect(taken.withLock { $0.allSatisfy { $0 == 1 } }, "\(count) parts")
        }
    }

    @Test("have done all parts when the task is over, however many tasks follow each other")
    func order() {
        let crew = ThreadCrew(width: 4)
        defer { crew.end() }
        let done = Atomic<Int>(0)
        for task in 1...2000 {
            crew.run(5) { _ in done.wrappingAdd(1, ordering: .relaxed) }
            #expect(done.load(ordering: .relaxed) == 5 * task)
        }
    }

    @Test("end even if there was no task") func nothing() { ThreadCrew(width: 4).end() }

    @Test("take ranges that cover everything", arguments: [0, 1, 9, 10, 11, 1000])
    func ranges(count: Int) {
        let crew = ThreadCrew(width: 3)
        defer { crew.end() }
        let seen = Mutex([Int](repeating: 0, count: count))
        crew.run(over: count, least: 5) { range in seen.withLock { for i in range { $0[i] += 1 } } }
        #expect(seen.withLock { $0.allSatisfy { $0 == 1 } })
    }
}
