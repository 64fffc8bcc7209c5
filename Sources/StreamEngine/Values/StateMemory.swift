import Synchronization

/// The memory of the state that grows with the data: groups, keys, states of aggregates, rows to sort.
///
/// Counted where it is allocated and freed, so that it costs nothing for each record. A run has one engine, so one count
/// for the process is enough. Arrays that the engine keeps beside it are added where the sum is compared with
/// `--max-state` (`WindowContext`).
package enum StateMemory {
    private static let total = Atomic<Int>(0)

    /// The bytes allocated now.
    @inline(__always) package static var bytes: Int { total.load(ordering: .relaxed) }

    static func add(_ bytes: Int) { total.wrappingAdd(bytes, ordering: .relaxed) }

    static func remove(_ bytes: Int) { add(0 &- bytes) }

    /// The memory that a block takes.
    static func blockSize(_ bytes: Int) -> Int { bytes > 0 ? BlockClass(bytes).memoryBytes : 0 }

    static func blockSize<Element: ~Copyable>(of type: Element.Type, capacity: Int) -> Int {
        blockSize(capacity &* MemoryLayout<Element>.stride)
    }

    /// Uninitialised memory that counts as state, aligned to 16 bytes if it is a multiple of that, else to 8.
    static func allocate<Element: ~Copyable>(_ capacity: Int) -> UnsafeMutablePointer<Element> {
        allocate(byteCount: capacity &* MemoryLayout<Element>.stride).bindMemory(to: Element.self, capacity: capacity)
    }

    /// Frees memory from `allocate`.
    static func free<Element: ~Copyable>(_ memory: UnsafeMutablePointer<Element>, capacity: Int) {
        free(UnsafeMutableRawPointer(memory), byteCount: capacity &* MemoryLayout<Element>.stride)
    }

    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        let block = BlockClass(byteCount)
        add(block.memoryBytes)
        return StatePool.allocate(block)
    }

    static func free(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        let block = BlockClass(byteCount)
        remove(block.memoryBytes)
        StatePool.free(memory, block)
    }
}

extension Array {
    /// About the memory that it takes.
    var memoryBytes: Int { capacity &* MemoryLayout<Element>.stride }
}

extension Dictionary {
    /// About the memory that it takes: it is at most three quarters full.
    var memoryBytes: Int { capacity &* (MemoryLayout<Key>.stride + MemoryLayout<Value>.stride) / 3 &* 4 }
}

extension Set {
    /// About the memory that it takes.
    var memoryBytes: Int { capacity &* MemoryLayout<Element>.stride / 3 &* 4 }
}
