import Glibc
import Testing

@testable import System

@Suite("The processors that the process may use") struct UsableProcessorTests {
    private var all: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

    @Test("without /proc and /sys, they are those of the machine") func machine() throws {
        try withRoot([:]) { #expect(usableProcessors(root: $0) == all) }
    }

    @Test(
        "the affinity mask counts",
        arguments: [("1", 1), ("80000000,00000000", 1), ("ff,ffffffff", 40), ("0", nil), ("?", nil), ("", nil)]
            as [(String, Int?)])
    func affinity(mask: String, count: Int?) throws {
        try withRoot(["proc/self/status": "Name:\tx\nCpus_allowed:\t\(mask)\nCpus_allowed_list:\t0-3\n"]) {
            #expect(usableProcessors(root: $0) == min(all, count ?? all))
        }
    }

    @Test("the least share of the control groups above the process counts, in both versions of them")
    func controlGroups() throws {
        let cases: [([String: String], Int?)] = [
            (["sys/fs/cgroup/cpu.max": "100000 100000\n"], 1), (["sys/fs/cgroup/cpu.max": "1000 100000\n"], 1),
            (["sys/fs/cgroup/cpu.max": "100001 100000\n"], 2), (["sys/fs/cgroup/cpu.max": "max 100000\n"], nil),
            (["sys/fs/cgroup/cpu.max": "100000\n"], nil), (["sys/fs/cgroup/cpu.max": "0 0\n"], nil),
            (["sys/fs/cgroup/cpu.max": ""], nil),
            (
                [
                    "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "50000 100000\n",
                    "sys/fs/cgroup/a/b/cpu.max": "900000 100000\n",
                ], 1
            ),
            (
                [
                    "proc/self/cgroup": "4:cpu,cpuacct:/a\n", "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "30000\n",
                    "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "50000\n",
                ], 1
            ),
            (
                [
                    "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
                ], nil
            ),
            (["proc/self/cgroup": "nonsense\n::\n:/\n0::\n"], nil),
        ]
        for (files, expected) in cases {
            try withRoot(files) { #expect(usableProcessors(root: $0) == min(all, expected ?? all), "\(files)") }
        }
    }
}
