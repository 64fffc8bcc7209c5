import Glibc

/// A pipe by which one thread, or a signal handler, wakes another that waits in `poll`.
package struct WakePipe: ~Copyable {
    /// To be polled; -1 when there is no pipe.
    package let readEnd: Int32
    /// For a library that writes into it by itself.
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

    /// Makes `readEnd` quiet again.
    package func drain() {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { room in
            while read(readEnd, room.baseAddress, room.count) == room.count {}
        }
    }
}
