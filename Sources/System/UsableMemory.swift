import Glibc

/// The bytes of memory that this process may use: those of the machine, of the container, or of `ulimit -v`, whichever
/// is the least. Where the system does not say, as without `/proc`, what it does say counts.
///
/// - Parameter root: the folder that holds `proc` and `sys`; another one in tests.
package func usableMemory(root: String = "") -> Int {
    let pages = Int(sysconf(Int32(_SC_PHYS_PAGES))), pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    var limits = [RLIMIT_AS, RLIMIT_DATA].compactMap { resourceLimit($0.rawValue) }
    limits += ControlGroups(root: root, "memory").limits { group in
        // "max" is not a number, and means none.
        group.text(group.isUnified ? "memory.max" : "memory.limit_in_bytes").flatMap { Int($0) }
    }
    if pages > 0, pageSize > 0 { limits.append(pages * pageSize) }
    return limits.min() ?? 1 << 32
}

/// The limit that `setrlimit` has set; nil for none.
private func resourceLimit(_ resource: UInt32) -> Int? {
    var limit = rlimit()
    guard getrlimit(numericCast(resource), &limit) == 0 else { return nil }
    return Int(exactly: limit.rlim_cur)
}

/// The most memory that the process has had, bytes, and the processor time that it has used, microseconds.
package func processUse() -> (memory: Int, time: Int64) {
    var use = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &use) == 0 else { return (0, 0) }
    let seconds = Int64(use.ru_utime.tv_sec) + Int64(use.ru_stime.tv_sec)
    return (use.ru_maxrss << 10, seconds * 1_000_000 + Int64(use.ru_utime.tv_usec) + Int64(use.ru_stime.tv_usec))
}
