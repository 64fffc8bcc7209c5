import Glibc

/// A pipe with which a thread, or a signal handler, wakes another thread that waits in `poll`.
package struct WakePipe: ~Copyable {
    /// The descriptor to poll; -1 if there is no pipe.
    package let readEnd: Int32
    /// For a library that writes to the pipe itself.
    package let writeEnd: Int32

    /// If the pipe cannot be created, waiters fall back to polling.
    package init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        guard readEnd >= 0 else { return }
        _ = close(readEnd)
        _ = close(writeEnd)
    }

    /// Makes `readEnd` readable. Safe in a signal handler.
    package func notify() {
        var byte: UInt8 = 0
        _ = write(writeEnd, &byte, 1)
    }

    /// Makes `readEnd` unreadable again.
    package func drain() {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { room in
            while read(readEnd, room.baseAddress, room.count) == room.count {}
        }
    }
}
