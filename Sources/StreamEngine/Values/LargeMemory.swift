/// Memory for tables and state that are read at random places, and may be large.
enum LargeMemory {
    /// The size of a huge page, bytes.
    static let hugePage = 1 << 21

    /// Uninitialised memory, aligned to a cache line. If it is large, its alignment makes `CAllocation` ask the system for huge
    /// pages: they are mapped by few faults, looked up quickly, and returned at once when the process ends.
    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        .allocate(byteCount: byteCount, alignment: byteCount >= hugePage ? hugePage : 64)
    }
}
