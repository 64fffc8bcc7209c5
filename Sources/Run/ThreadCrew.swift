import StreamEngine
import System

/// Shares tasks of the worker that serves the engine: large ones, such as the rows of a window with many groups, in parts,
/// and updates of the states of groups, in lanes beside it.
///
/// The workers of a pipeline take both between batches: a thread that sleeps and wakes for each batch costs more than
/// the batch. A large task is not left to workers that wait for input: if there are any, or the pipeline has ended,
/// threads of the crew take parts too. They start with the first such task, and sleep between tasks.
///
/// Unchecked: the fields are used under `state` only.
final class ThreadCrew: Crew, @unchecked Sendable {
    let width: Int
    let laneCount: Int
    /// The lock of the pipeline and of the crew.
    let state = Monitor()
    /// The workers of a pipeline that do not wait for input.
    var workersAtHand = 0
    private let mayHelp: Monitor.Condition
    private var threads: [BackgroundThread] = []
    private var hasStarted = false
    private var hasEnded = false
    /// The current task, the next of its parts, their number, and how many of them are not done.
    private var body: ((Int) -> Void)?
    private var next = 0
    private var count = 0
    private var undone = 0
    private var lanes: Lanes

    /// - Parameter width: the number of threads, with the one that calls `run`.
    init(width: Int) {
        self.width = max(1, width)
        mayHelp = Monitor.Condition(of: state)
        // With more of them, finding out what belongs to which lane would take longer than they save.
        laneCount = self.width > 1 ? max(2, self.width / 2) : 0
        lanes = Lanes(count: laneCount)
    }

    func run(_ count: Int, _ body: @escaping (Int) -> Void) {
        guard width > 1, count > 1 else {
            for number in 0..<count { body(number) }
            return
        }
        state.lock()
        defer { state.unlock() }
        self.body = body
        next = 0
        self.count = count
        undone = count
        state.notifyAll()
        if workersAtHand < width {
            if !hasStarted { start() }
            mayHelp.notifyAll()
        }
        takeParts()
        while undone > 0 { state.wait() }
        self.body = nil
    }

    /// Ends the threads, after what was posted. No task may follow.
    func end() {
        wait(for: lastPosted)
        state.lock()
        hasEnded = true
        mayHelp.notifyAll()
        state.unlock()
        for thread in threads { thread.join() }
        threads = []
    }

    /// The caller takes the parts of threads that cannot be started.
    private func start() {
        hasStarted = true
        // Signals interrupt the waits of the workers, not these.
        var signals = BlockedSignals()
        defer { signals.restore() }
        for _ in 1..<width {
            if let thread = BackgroundThread.start(asWorker: true, { [self] in help() }) { threads.append(thread) }
        }
    }

    private func help() {
        state.lock()
        defer { state.unlock() }
        while !hasEnded {
            takeParts()
            if !hasEnded { mayHelp.wait() }
        }
    }

    /// Runs parts of the current task, or the next task of a lane. Called and left under `state`.
    ///
    /// - Parameters:
    ///   - lane: the lane to prefer.
    ///   - ofOthers: whether to take tasks of other lanes if that one has nothing to do.
    /// - Returns: false if there is nothing to do.
    func takeTask(_ lane: Int, ofOthers: Bool = true) -> Bool {
        guard next >= count else {
            takeParts()
            return true
        }
        return takeLane(lane, ofOthers: ofOthers)
    }

    /// Takes parts as long as there are any. Called and left under `state`.
    private func takeParts() {
        while let body, next < count {
            let part = next
            next += 1
            state.unlock()
            body(part)
            state.lock()
            undone -= 1
            if undone == 0 { state.notifyAll() }
        }
    }

    // MARK: Lanes

    var lastPosted: Int {
        state.lock()
        defer { state.unlock() }
        return lanes.posted
    }

    func post(_ body: @escaping (Int) -> Void) -> Int {
        state.lock()
        defer { state.unlock() }
        lanes.post(body)
        state.notifyAll()
        return lanes.posted
    }

    func isDone(_ task: Int) -> Bool {
        state.lock()
        defer { state.unlock() }
        return hasDone(task)
    }

    /// The same. Called under `state`.
    func hasDone(_ task: Int) -> Bool { lanes.done >= task }

    func wait(for task: Int) {
        state.lock()
        defer { state.unlock() }
        while lanes.done < task {
            if !takeLane(0) { state.wait() }
        }
    }

    /// Runs the next task of a lane, of `first` or of one that has a task and no thread. Called and left under `state`.
    private func takeLane(_ first: Int, ofOthers: Bool = true) -> Bool {
        guard width > 1, let lane = lanes.take(preferring: first, ofOthers: ofOthers), let body = lanes.body(of: lane)
        else { return false }
        state.unlock()
        body(lane)
        state.lock()
        if lanes.finish(lane) { state.notifyAll() }
        return true
    }
}

/// Lists of tasks, each of which runs once in each lane. Those of a lane run one after the other.
private struct Lanes {
    private struct Lane {
        /// The number of tasks that it has done.
        var done = 0
        var isBusy = false
    }

    private var lanes: [Lane]
    /// The tasks that some lane has not done; the first one has the number `done`, from 0.
    private var tasks: [(Int) -> Void] = []
    /// The number of tasks posted, and of those that all lanes have done.
    private(set) var posted = 0
    private(set) var done = 0

    init(count: Int) { lanes = Array(repeating: Lane(), count: count) }

    mutating func post(_ body: @escaping (Int) -> Void) {
        tasks.append(body)
        posted += 1
    }

    /// A lane that has a task to do, which is busy from now on; nil if there is none.
    mutating func take(preferring first: Int, ofOthers: Bool) -> Int? {
        guard done < posted else { return nil }
        for number in 0..<(ofOthers ? lanes.count : 1) {
            let lane = (first + number) % lanes.count
            if !lanes[lane].isBusy, lanes[lane].done < posted {
                lanes[lane].isBusy = true
                return lane
            }
        }
        return nil
    }

    /// The task that a busy lane has to do.
    func body(of lane: Int) -> ((Int) -> Void)? { tasks[lanes[lane].done - done] }

    /// Ends the task of a lane.
    ///
    /// - Returns: whether the task is done in all lanes.
    mutating func finish(_ lane: Int) -> Bool {
        lanes[lane].isBusy = false
        lanes[lane].done += 1
        let least = lanes.reduce(Int.max) { min($0, $1.done) }
        guard least > done else { return false }
        tasks.removeFirst(least - done)
        done = least
        return true
    }
}
