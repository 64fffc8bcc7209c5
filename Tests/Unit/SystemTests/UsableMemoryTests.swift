import Glibc
import Testing

@testable import System

@Suite("The memory that the process may use") struct UsableMemoryTests {
    @Test("without /proc and /sys, it is that of the machine") func machine() throws {
        try withRoot([:]) { root in
            let bytes = usableMemory(root: root)
            #expect(bytes > 1 << 24 && bytes < 1 << 50)
        }
    }

    @Test("the least limit of the control groups above the process counts, in both versions of them")
    func controlGroups() throws {
        let cases: [([String: String], Int?)] = [
            (["sys/fs/cgroup/memory.max": "1048576\n"], 1_048_576),
            (["sys/fs/cgroup/memory.max": "max\n"], nil),
            (["proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.max": "2000000\n"], 2_000_000),
            (
                [
                    "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.max": "2000000\n",
                    "sys/fs/cgroup/a/b/memory.max": "1000000\n",
                ], 1_000_000
            ),
            (["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": ""], nil),
            (
                [
                    "proc/self/cgroup": "12:cpu:/x\n4:memory,hugetlb:/a\n",
                    "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "3000000\n",
                ], 3_000_000
            ),
            (["proc/self/cgroup": "nonsense\n::\n:/\n0::\n"], nil),
        ]
        for (files, expected) in cases {
            try withRoot(files) { root in
                let found = usableMemory(root: root)
                #expect(found == expected ?? usableMemory(root: "/nowhere"), "\(files)")
            }
        }
    }
}
