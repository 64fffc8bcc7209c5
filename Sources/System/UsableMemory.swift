import Glibc

/// The bytes of memory that this process may use: those of the machine, of the container, or of `ulimit -v`, whichever
/// is the least. Where the system does not say, as without `/proc`, what it does say counts.
///
/// - Parameter root: the folder that holds `proc` and `sys`; another one in tests.
package func usableMemory(root: String = "") -> Int {
    let pages = Int(sysconf(Int32(_SC_PHYS_PAGES))), pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    var limits = [RLIMIT_AS, RLIMIT_DATA].compactMap { resourceLimit($0.rawValue) }
    if let limit = groupLimit(root: root) { limits.append(limit) }
    if pages > 0, pageSize > 0 { limits.append(pages * pageSize) }
    return limits.min() ?? 1 << 32
}

/// The limit that `setrlimit` has set; nil for none.
private func resourceLimit(_ resource: UInt32) -> Int? {
    var limit = rlimit()
    guard getrlimit(numericCast(resource), &limit) == 0 else { return nil }
    return Int(exactly: limit.rlim_cur)
}

/// The least limit of the control groups that the process is in; nil for none.
private func groupLimit(root: String) -> Int? {
    func limit(_ path: String) -> Int? {
        guard let text = fileText("\(root)/sys/fs/cgroup\(path)", most: 64) else { return nil }
        // "max" is not a number, and means none.
        return Int(text.prefix { $0 != "\n" })
    }
    // In a container, its own group is the root of the file system.
    var limits = [limit("/memory.max"), limit("/memory/memory.limit_in_bytes")]
    for line in (fileText("\(root)/proc/self/cgroup", most: 1 << 16) ?? "").split(separator: "\n") {
        // Version 2: "0::/path"; version 1: "4:memory:/path".
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[1].isEmpty || fields[1].split(separator: ",").contains("memory") else {
            continue
        }
        var path = fields[2]
        while path.count > 1, let slash = path.lastIndex(of: "/") {
            limits.append(
                fields[1].isEmpty ? limit("\(path)/memory.max") : limit("/memory\(path)/memory.limit_in_bytes"))
            path = path[..<slash]
        }
    }
    return limits.compactMap(\.self).min()
}

/// The most memory that the process has had, bytes, and the processor time that it has used, microseconds.
package func processUse() -> (memory: Int, time: Int64) {
    var use = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &use) == 0 else { return (0, 0) }
    let seconds = Int64(use.ru_utime.tv_sec) + Int64(use.ru_stime.tv_sec)
    return (use.ru_maxrss << 10, seconds * 1_000_000 + Int64(use.ru_utime.tv_usec) + Int64(use.ru_stime.tv_usec))
}
