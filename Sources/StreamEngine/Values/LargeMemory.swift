/// Memory for tables that many parts of a run read at random places.
enum LargeMemory {
    private static let hugePage = 1 << 21

    /// Uninitialised memory. If it is large, its alignment makes `CAllocation` ask the system for huge pages: they are mapped
    /// by few faults, and looked up quickly.
    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        .allocate(byteCount: byteCount, alignment: byteCount >= 2 * hugePage ? hugePage : 64)
    }
}
