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
    let status = fileBytes("\(root)/proc/self/status", most: 1 << 16) ?? []
    let name = "Cpus_allowed:".utf8
    guard let line = status.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: name) }) else {
        return nil
    }
    // In hexadecimal, with a comma behind each 32: "Cpus_allowed:\tff,ffffffff".
    let count = line.dropFirst(name.count).reduce(0) { count, digit in
        count + (Character(UnicodeScalar(digit)).hexDigitValue?.nonzeroBitCount ?? 0)
    }
    return count > 0 ? count : nil
}
