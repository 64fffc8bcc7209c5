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
            let taken = Counts(count)
            crew.run(count) { taken.add($0) }
            #expect(taken.areAllOne, "\(count) parts")
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
        let seen = Counts(count)
        crew.run(over: count, least: 5) { range in for number in range { seen.add(number) } }
        #expect(seen.areAllOne)
    }
}

/// A counter for each part, in memory that parts do not share: a part that runs twice is also a race.
private final class Counts: @unchecked Sendable {
    private let counts: UnsafeMutableBufferPointer<Int>

    init(_ count: Int) {
        counts = .allocate(capacity: count)
        counts.initialize(repeating: 0)
    }

    deinit { counts.deallocate() }

    func add(_ number: Int) { counts[number] += 1 }
    var areAllOne: Bool { counts.allSatisfy { $0 == 1 } }
}
