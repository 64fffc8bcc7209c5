import Glibc

/// What distinguishes a file from all others of this machine, whatever its names.
///
/// A file that was removed may leave its identity to a new one, except while it is open.
package struct FileIdentity: Equatable, Hashable, Sendable, CustomStringConvertible {
    private let device: UInt64
    package let inode: UInt64

    init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
    }

    /// Nil if there is no regular file of that name. Follows symbolic links.
    package init?(ofFile path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.init(status)
    }

    package var description: String { "\(device) \(inode)" }
}

/// What changes when a file is written or its name is given to another one.
package struct FileChange: Equatable, Sendable {
    package let identity: FileIdentity
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil if there is no regular file of that name.
    package init?(ofFile path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        identity = FileIdentity(status)
        size = status.st_size
        // The time of the last change of its attributes: no program can set it.
        seconds = status.st_ctim.tv_sec
        nanoseconds = status.st_ctim.tv_nsec
    }
}

extension FileDescriptor {
    /// Nil if nothing is open.
    package var identity: FileIdentity? {
        var status = stat()
        return fstat(number, &status) == 0 ? FileIdentity(status) : nil
    }

    /// The path of the file now, as the system knows it; nil if it has none, or without `/proc`.
    package var currentPath: String? {
        let most = 4096
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: most) { room -> String? in
            guard let base = room.baseAddress else { return nil }
            let count = readlink("/proc/self/fd/\(number)", base, most)
            guard count > 0, count < most else { return nil }
            let path = String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return path.hasSuffix(" (deleted)") ? nil : path
        }
    }

    /// A number that tells the file from others that had the same inode before or after it; 0 where the file system
    /// has none (`FS_IOC_GETVERSION`).
    package var inodeGeneration: Int64 {
        var version = CLong(0)
        // _IOR('v', 1, long); file systems store 32 bits there.
        guard ioctl(number, 0x8008_7601, &version) == 0 else { return 0 }
        return Int64(UInt32(truncatingIfNeeded: version))
    }

    /// Whether a process has the file open for writing; nil if that cannot be found out.
    package var hasWriter: Bool? {
        // F_SETLEASE, which the Glibc module does not export. A lease for reading is granted only without writers.
        if fcntl(number, 1024, Int32(F_RDLCK)) == 0 {
            _ = fcntl(number, 1024, Int32(F_UNLCK))
            return false
        }
        return errno == EAGAIN ? true : nil
    }
}

/// From now on, a process that opens a file for writing at the moment at which `hasWriter` looks does no harm.
package func ignoreLeaseSignals() { signal(SIGIO, SIG_IGN) }

/// Raises the limit of open descriptors to what the system allows.
///
/// - Returns: the limit.
package func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return 256 }
    if limit.rlim_cur < limit.rlim_max {
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if setrlimit(resource, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
}
