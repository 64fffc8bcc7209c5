import StreamEngine
import System

/// The threads that help the worker that serves the engine with large tasks, such as the rows of a window with many
/// groups. They start with the first task, and sleep between tasks.
///
/// Unchecked: the fields are used under `state` only.
final class ThreadCrew: Crew, @unchecked Sendable {
    let width: Int
    private let state = Monitor()
    private var threads: [BackgroundThread] = []
    private var hasStarted = false
    private var hasEnded = false
    /// The current task, the next of its parts, their number, and how many of them are not done.
    private var body: ((Int) -> Void)?
    private var next = 0
    private var count = 0
    private var undone = 0

    /// - Parameter width: the number of threads, with the one that calls `run`.
    init(width: Int) { self.width = max(1, width) }

    func run(_ count: Int, _ body: @escaping (Int) -> Void) {
        guard width > 1, count > 1 else {
            for number in 0..<count { body(number) }
            return
        }
        state.lock()
        defer { state.unlock() }
        if !hasStarted { start() }
        self.body = body
        next = 0
        self.count = count
        undone = count
        state.notifyAll()
        takeParts()
        while undone > 0 { state.wait() }
        self.body = nil
    }

    /// Ends the threads. No task may follow.
    func end() {
        state.lock()
        hasEnded = true
        state.notifyAll()
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
            if let thread = BackgroundThread.start({ [self] in help() }) { threads.append(thread) }
        }
    }

    private func help() {
        state.lock()
        defer { state.unlock() }
        while !hasEnded {
            takeParts()
            if next >= count, !hasEnded { state.wait() }
        }
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
}
