import CThreads
import Glibc

/// A lock with a condition variable.
package final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    package func lock() { pthread_mutex_lock(mutex) }
    package func unlock() { pthread_mutex_unlock(mutex) }
    /// Releases the lock until notified. May wake up spuriously.
    package func wait() { pthread_cond_wait(changed, mutex) }
    /// Wakes all waiting threads after a change under the lock.
    package func notifyAll() { pthread_cond_broadcast(changed) }

    /// Another condition under the lock of a monitor, for threads that most changes do not concern.
    package final class Condition: @unchecked Sendable {
        private let monitor: Monitor
        private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

        package init(of monitor: Monitor) {
            self.monitor = monitor
            pthread_cond_init(changed, nil)
        }

        deinit {
            pthread_cond_destroy(changed)
            changed.deallocate()
        }

        /// Releases the lock until notified. May wake up spuriously.
        package func wait() { pthread_cond_wait(changed, monitor.mutex) }
        package func notifyAll() { pthread_cond_broadcast(changed) }
    }
}

/// A thread in addition to those of the pipeline.
package final class BackgroundThread: Sendable {
    private let thread: pthread_t

    /// - Parameters:
    ///   - stack: its size in bytes; the limit of the process does not matter.
    ///   - isWorker: whether it has much to do at once, while the calling thread goes on. It then starts on another processor.
    ///     A scheduler may keep a new thread where its creator runs, each waiting for the other, for 10 ms and more.
    /// - Returns: nil if the thread cannot be started.
    package static func start(
        stack: Int = 2 << 20, asWorker isWorker: Bool = false, _ body: @escaping @Sendable () -> Void
    ) -> BackgroundThread? {
        if isWorker, let thread = start(stack, isElsewhere: true, body) { return thread }
        return start(stack, isElsewhere: false, body)
    }

    /// - Returns: nil if the thread cannot be started, or if it should be elsewhere and cannot be.
    private static func start(
        _ stack: Int, isElsewhere: Bool, _ body: @escaping @Sendable () -> Void
    ) -> BackgroundThread? {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stack)
        defer { pthread_attr_destroy(&attributes) }
        if isElsewhere, !cthreads_start_elsewhere(&attributes) { return nil }
        let box = Unmanaged.passRetained(
            Box {
                if isElsewhere { cthreads_run_anywhere() }
                body()
            })
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            return nil
        }
        return BackgroundThread(thread: thread)
    }

    private init(thread: pthread_t) { self.thread = thread }

    /// Lets the thread run on its own: `join` must not be called.
    package func detach() { pthread_detach(thread) }

    /// Waits for the thread to end.
    package func join() { pthread_join(thread, nil) }
}

/// Runs the whole program in a thread whose stack does not depend on the limits of the process (`ulimit -s`): expressions
/// and patterns are parsed, compiled and freed recursively, up to the depth and length that they may have.
///
/// - Parameter body: does not return. Signals interrupt its waits, as those of a main thread.
package func runOnKnownStack(_ body: @escaping @Sendable () -> Never) -> Never {
    guard let thread = BackgroundThread.start(stack: 16 << 20, { body() }) else { body() }
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    while true { thread.join() }
}

/// Runs the body in `count` threads, each with its number, and waits for all of them. The calling thread is number 0.
/// Threads that cannot be started are skipped: one is enough.
package func runInParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var started: [BackgroundThread] = []
    for number in 1..<max(1, count) {
        if let thread = BackgroundThread.start(asWorker: true, { body(number) }) { started.append(thread) }
    }
    body(0)
    for thread in started { thread.join() }
}

/// Blocks all signals of this thread until `restore`. New threads inherit the mask: those that a library starts must not
/// receive our signals.
package struct BlockedSignals {
    private var before = sigset_t()

    package init() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
    }

    package mutating func restore() { pthread_sigmask(SIG_SETMASK, &before, nil) }
}
