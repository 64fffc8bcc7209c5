/// A growing array of plain values that counts as state. An empty one allocates nothing.
struct StateArray<Element: BitwiseCopyable>: ~Copyable {
    private var memory: UnsafeMutablePointer<Element>?
    private(set) var count = 0
    private var capacity = 0

    init() {}

    deinit { if let memory { StateMemory.free(memory, capacity: capacity) } }

    var memoryBytes: Int { StateMemory.blockSize(of: Element.self, capacity: capacity) }

    /// Calls `body` with the elements.
    @inline(__always) borrowing func withElements<Result>(_ body: (UnsafeBufferPointer<Element>) -> Result) -> Result {
        defer { extendLifetime(self) }
        return body(UnsafeBufferPointer(start: memory, count: count))
    }

    /// Calls `body` with the elements, which it may change.
    @inline(__always) mutating func withMutableElements<Result>(
        _ body: (UnsafeMutableBufferPointer<Element>) -> Result
    ) -> Result {
        body(UnsafeMutableBufferPointer(start: memory, count: count))
    }

    /// Removes all elements, and keeps the memory.
    mutating func removeAll() { count = 0 }

    @inline(__always) mutating func append(_ element: Element) {
        room(1)?.initialize(to: element)
        count &+= 1
    }

    mutating func popLast() -> Element? {
        guard count > 0, let memory else { return nil }
        count &-= 1
        return memory[count]
    }

    mutating func append(_ other: borrowing StateArray) {
        guard let theirs = other.memory else { return }
        room(other.count)?.initialize(from: theirs, count: other.count)
        count &+= other.count
    }

    /// Memory for at least `extra` more elements; nil for none. Call `advance` after writing to it.
    @inline(__always) mutating func room(_ extra: Int) -> UnsafeMutablePointer<Element>? {
        if capacity &- count < extra { grow(extra) }
        return memory.map { $0 + count }
    }

    /// Counts elements that were written to that memory.
    @inline(__always) mutating func advance(_ written: Int) { count &+= written }

    @inline(never) private mutating func grow(_ extra: Int) {
        let larger = max(4, capacity * 2, count + extra)
        let moved: UnsafeMutablePointer<Element> = StateMemory.allocate(larger)
        if let memory {
            moved.moveInitialize(from: memory, count: count)
            StateMemory.free(memory, capacity: capacity)
        }
        memory = moved
        capacity = larger
    }
}
