import Synchronization
import Testing

@testable import Run
@testable import StreamEngine
import System

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

    @Test("run what is posted once in each lane, one after the other", arguments: [2, 3, 7, 16])
    func lanes(width: Int) {
        let crew = ThreadCrew(width: width)
        #expect(crew.laneCount == max(2, width / 2))
        let counts = Counts(crew.laneCount)
        let disorder = Atomic<Int>(0)
        for task in 0..<500 {
            let number = crew.post { lane in
                // Only one task of a lane runs at a time, and it sees what those before it have done.
                if counts.add(lane) != task { disorder.wrappingAdd(1, ordering: .relaxed) }
            }
            #expect(number == task + 1 && crew.lastPosted == number)
            if task % 100 == 7 {
                crew.wait(for: number)
                #expect(crew.isDone(number) && counts.areAll(task + 1))
            }
            if task % 50 == 9 { crew.run(width) { _ in } }
        }
        crew.end()
        #expect(disorder.load(ordering: .relaxed) == 0)
        #expect(counts.areAll(500))
    }

    @Test("leave parts and lanes to workers that are at hand") func workers() {
        let crew = ThreadCrew(width: 3)
        let counts = Counts(crew.laneCount)
        let parts = Counts(50)
        crew.workersAtHand = 3
        let isOver = Atomic<Bool>(false)
        let others = Atomic<Int>(0)
        let threads = (1...2).compactMap { number in
            BackgroundThread.start {
                crew.state.lock()
                while !isOver.load(ordering: .relaxed) {
                    if crew.takeTask(number) {
                        others.wrappingAdd(1, ordering: .relaxed)
                    } else {
                        crew.state.wait()
                    }
                }
                crew.state.unlock()
            }
        }
        for task in 0..<200 {
            _ = crew.post { counts.add($0) }
            if task % 4 == 0 { crew.run(50) { parts.add($0) } }
        }
        while others.load(ordering: .relaxed) == 0 { crew.run(50) { _ in } }
        crew.wait(for: crew.lastPosted)
        crew.state.lock()
        isOver.store(true, ordering: .relaxed)
        crew.state.notifyAll()
        crew.state.unlock()
        for thread in threads { thread.join() }
        crew.end()
        #expect(threads.count == 2 && counts.areAll(200) && parts.areAll(50))
    }

    @Test("have no lanes if there is one thread") func single() {
        let crew = ThreadCrew(width: 1)
        #expect(crew.laneCount == 0 && crew.lastPosted == 0 && crew.isDone(0))
        crew.wait(for: 0)
        crew.end()
    }

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

    /// Returns the count before.
    @discardableResult func add(_ number: Int) -> Int {
        counts[number] += 1
        return counts[number] - 1
    }
    var areAllOne: Bool { areAll(1) }
    func areAll(_ count: Int) -> Bool { counts.allSatisfy { $0 == count } }
}
