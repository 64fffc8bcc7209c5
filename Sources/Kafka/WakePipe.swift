import Glibc

/// A pipe that others write into when there is something to do, and that somebody waits for.
struct WakePipe: ~Copyable {
    let readEnd: Int32
    let writeEnd: Int32

    /// Without a pipe nobody is woken: whoever waits has to look by himself now and then.
    init() {
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
        close(readEnd)
        close(writeEnd)
    }

    /// Forgets that it has rung.
    func stop() {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { room in
            while read(readEnd, room.baseAddress, room.count) == room.count {}
        }
    }
}
