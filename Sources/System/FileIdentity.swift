import Glibc

/// What distinguishes a file from all others of this machine, whatever its names.
package struct FileIdentity: Equatable, Sendable, CustomStringConvertible {
    private let device: UInt64
    private let inode: UInt64

    init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
    }

    package var description: String { "\(device) \(inode)" }
}

extension FileDescriptor {
    /// Nil if nothing is open.
    package var identity: FileIdentity? {
        var status = stat()
        return fstat(number, &status) == 0 ? FileIdentity(status) : nil
    }
}
