/// Threads that take the independent parts of one task of the ordered part.
///
/// The engine has no threads of its own. What it gives to a crew has the same outcome in whatever order the parts run.
package protocol Crew: Sendable {
    /// The number of parts that can run at the same time, at least 1.
    var width: Int { get }
    /// The number of rows or groups that are worth a thread.
    var piece: Int { get }
    /// Runs `body` once for each number below `count`, in any order, several at a time, and waits for all of them.
    func run(_ count: Int, _ body: @escaping (Int) -> Void)

    /// The number of lanes, which work beside the caller; 0 if nothing does.
    var laneCount: Int { get }
    /// Has each lane run `body` with its number, after what was posted before. Returns the number of the task, from 1.
    ///
    /// What `body` reads must stay until the task is done.
    func post(_ body: @escaping (Int) -> Void) -> Int
    /// Whether a posted task, and all before it, are done.
    func isDone(_ task: Int) -> Bool
    /// Waits until a posted task, and all before it, are done.
    func wait(for task: Int)
    /// The number of the last task that was posted; 0 before the first.
    var lastPosted: Int { get }
}

/// One thread does everything, part by part.
package struct SingleCrew: Crew {
    package init() {}
    package var width: Int { 1 }
    package func run(_ count: Int, _ body: @escaping (Int) -> Void) {
        for number in 0..<count { body(number) }
    }
}

/// The threads of another crew, without its lanes: for records that do not stay.
struct CrewWithoutLanes: Crew {
    let crew: any Crew
    var width: Int { crew.width }
    var piece: Int { crew.piece }
    func run(_ count: Int, _ body: @escaping (Int) -> Void) { crew.run(count, body) }
}

extension Crew {
    package var piece: Int { 1024 }

    package var laneCount: Int { 0 }
    package var lastPosted: Int { 0 }
    package func post(_ body: @escaping (Int) -> Void) -> Int {
        body(0)
        return 0
    }
    package func isDone(_ task: Int) -> Bool { true }
    package func wait(for task: Int) {}

    /// Runs `body` for ranges of at least `least` numbers that make up `0 ..< count`, two for each thread.
    func run(over count: Int, least: Int, _ body: @escaping (Range<Int>) -> Void) {
        let parts = max(1, min(2 &* width, count / max(1, least)))
        guard parts > 1 else { return body(0..<count) }
        let size = (count &+ parts &- 1) / parts
        run(parts) { part in
            let start = min(count, part &* size)
            body(start..<min(count, start &+ size))
        }
    }
}
