import Glibc

/// The processors that this process may use at the same time, counted once.
package let usableProcessorCount = usableProcessors()

/// The processors that this process may use at the same time: those of the machine, of the affinity mask (`taskset`), or
/// of the container's share of time, whichever is the least. A share is rounded up: 2 for one and a half.
///
/// - Parameter root: the folder that holds `proc` and `sys`; another one in tests.
func usableProcessors(root: String = "") -> Int {
    var limits = [Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))]
    if let allowed = allowedProcessors(root: root) { limits.append(allowed) }
    limits += ControlGroups(root: root, "cpu").limits { group in
        // Microseconds of processor time in a period, and the period. "max" or -1 means no limit.
        let pair: [Int]
        if group.isUnified {
            pair = (group.text("cpu.max") ?? "").split(separator: " ").compactMap { Int($0) }
        } else {
            pair = ["cpu.cfs_quota_us", "cpu.cfs_period_us"].compactMap { group.text($0).flatMap { Int($0) } }
        }
        guard pair.count == 2, pair[0] > 0, pair[1] > 0 else { return nil }
        return (pair[0] - 1) / pair[1] + 1
    }
    return max(1, limits.min() ?? 1)
}

/// The processors of the affinity mask; nil if the system does not say.
private func allowedProcessors(root: String) -> Int? {
    let status = fileText("\(root)/proc/self/status", most: 1 << 16) ?? ""
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") }) else { return nil }
    // 32 of them in each word, in hexadecimal: "Cpus_allowed:\tff,ffffffff".
    let words = line.dropFirst("Cpus_allowed:".count).split { $0 == "\t" || $0 == "," }
    let count = words.reduce(0) { $0 + (UInt32($1, radix: 16)?.nonzeroBitCount ?? 0) }
    return count > 0 ? count : nil
}
