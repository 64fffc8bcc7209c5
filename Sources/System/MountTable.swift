import Glibc

/// The kinds of the mounted file systems, by device.
package struct MountTable: Sendable {
    private var kinds: [UInt64: String] = [:]

    /// As the system lists them now; empty without `/proc`.
    package init() {
        guard let text = fileText("/proc/self/mountinfo", most: 1 << 24) else { return }
        for line in text.split(separator: "\n") {
            // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw
            let words = line.split(separator: " ")
            guard words.count > 3, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
            let numbers = words[2].split(separator: ":").compactMap { UInt64($0) }
            guard numbers.count == 2 else { continue }
            kinds[Self.device(numbers[0], numbers[1])] = String(words[dash + 1])
        }
    }

    /// The kind of the file system that holds a file, such as `ext4`; nil if it is unknown.
    package func kind(ofFile path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return kinds[UInt64(status.st_dev)]
    }

    /// Whether others may change the file without this machine being notified.
    package func isRemote(_ path: String) -> Bool {
        guard let kind = kind(ofFile: path) else { return false }
        return kind.hasPrefix("fuse") || Self.remote.contains(kind)
    }

    /// Whether the content of the file is made when it is read, as in `/proc`.
    package func isSynthetic(_ path: String) -> Bool {
        kind(ofFile: path).map { Self.synthetic.contains($0) } ?? false
    }

    private static let remote: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "glusterfs", "lustre", "gpfs", "afs",
        "beegfs",
        "ocfs2", "gfs2",
    ]
    private static let synthetic: Set<String> = ["proc", "sysfs", "debugfs", "tracefs", "cgroup", "cgroup2", "devpts"]

    /// How `stat` combines both parts (`gnu_dev_makedev`).
    private static func device(_ major: UInt64, _ minor: UInt64) -> UInt64 {
        (major & 0xffff_f000) << 32 | (major & 0xfff) << 8 | (minor & 0xffff_ff00) << 12 | minor & 0xff
    }
}
