import Synchronization

/// A value that threads use one after the other, for less than a microsecond each.
///
/// `Mutex` gives the lock to the thread that waited longest (`FUTEX_UNLOCK_PI`). Until that thread runs, none can use it: with
/// more threads than processors, all soon wait for the scheduler at each use. Here a thread that runs may take the lock at
/// once. One of the others tries again and again; the rest sleep.
struct BriefLock<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    /// Tries before a thread goes to sleep: some microseconds.
    private static var tries: Int { 2000 }

    private let value: UnsafeMutablePointer<Value>
    private let isHeld = Atomic(false)
    private let patience = Mutex(())

    init(_ value: consuming Value) {
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// - Parameter body: neither waits nor uses the lock.
    @inline(__always) func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        enter()
        defer { isHeld.store(false, ordering: .releasing) }
        return body(&value.pointee)
    }

    @inline(__always) private func enter() { if !tryToEnter() { enterPatiently() } }

    @inline(__always) private func tryToEnter() -> Bool { !isHeld.exchange(true, ordering: .acquiring) }

    @inline(never) private func enterPatiently() {
        for _ in 0..<Self.tries where !isHeld.load(ordering: .relaxed) { if tryToEnter() { return } }
        patience.withLock { _ in while isHeld.load(ordering: .relaxed) || !tryToEnter() {} }
    }
}
