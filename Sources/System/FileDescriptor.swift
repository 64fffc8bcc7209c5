import Glibc

/// A failed system call, identified by its `errno`.
package struct FileError: Error, Sendable, Equatable {
    package let code: Int32
    package init(code: Int32 = errno) { self.code = code }

    /// The C library's message, such as "No such file or directory".
    package var reason: String {
        guard let words = strerror(code) else { return "error \(code)" }
        return String(cString: words)
    }
}

/// An open file, pipe or terminal. It is closed when it goes out of scope, unless it was borrowed.
package struct FileDescriptor: ~Copyable {
    /// The kernel's number for it; -1 for `none`.
    package let number: Int32
    private let isOwned: Bool
    private let mode: mode_t

    private init(number: Int32, isOwned: Bool) {
        self.number = number
        self.isOwned = isOwned
        var status = stat()
        mode = number >= 0 && fstat(number, &status) == 0 ? status.st_mode : 0
    }

    deinit { if isOwned { _ = Glibc.close(number) } }

    /// A placeholder for "nothing is open".
    package static var none: FileDescriptor { FileDescriptor(number: -1, isOwned: false) }

    /// A descriptor owned elsewhere, such as standard input: used, never closed.
    package static func borrowing(_ number: Int32) -> FileDescriptor {
        FileDescriptor(number: number, isOwned: false)
    }

    /// A descriptor that is closed with this value.
    package static func owning(_ number: Int32) -> FileDescriptor { FileDescriptor(number: number, isOwned: true) }

    /// Opens `path` for reading. Never blocks: a FIFO without a writer opens at once and has nothing to read yet.
    package static func openForReading(_ path: String) throws(FileError) -> FileDescriptor {
        let opened = try open(path, O_RDONLY | O_NONBLOCK)
        guard !opened.isDirectory else { throw FileError(code: EISDIR) }
        return opened
    }

    /// Creates `path`, or truncates it if it exists. The umask decides who may read it.
    package static func openForWriting(_ path: String) throws(FileError) -> FileDescriptor {
        try open(path, O_WRONLY | O_CREAT | O_TRUNC)
    }

    /// Truncates `path` to its first `length` bytes and opens it for writing after them.
    ///
    /// - Throws: `EINVAL` if the file is shorter than that.
    package static func openForWriting(_ path: String, keeping length: Int) throws(FileError) -> FileDescriptor {
        let opened = try open(path, O_WRONLY | O_CREAT)
        try opened.cut(to: length)
        return opened
    }

    /// Opens a lock file; creates it if it does not exist.
    package static func openForLocking(_ path: String) throws(FileError) -> FileDescriptor {
        try open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    }

    /// Opens a directory, so that its entries can be synchronized.
    package static func openDirectory(_ path: String) throws(FileError) -> FileDescriptor {
        try open(path, O_RDONLY | O_DIRECTORY)
    }

    /// Creates a directory and its missing parents, accessible only to the user.
    package static func makeDirectories(_ path: String) throws(FileError) {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(code: ENOENT) }
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw FileError() }
        try makeDirectories(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileError() }
    }

    private static func open(_ path: String, _ flags: Int32) throws(FileError) -> FileDescriptor {
        // A C string would end at the NUL and name a different file.
        guard !path.utf8.contains(0) else { throw FileError(code: ENOENT) }
        while true {
            let number = Glibc.open(path, flags | O_CLOEXEC | O_NOCTTY, 0o666)
            if number >= 0 { return FileDescriptor(number: number, isOwned: true) }
            guard errno == EINTR else { throw FileError() }
        }
    }

    /// Truncates a file to its first `length` bytes and continues writing there.
    package func cut(to length: Int) throws(FileError) {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw FileError() }
        guard status.st_size >= length else { throw FileError(code: EINVAL) }
        guard ftruncate(number, length) == 0 else { throw FileError() }
        try seek(to: length)
    }

    package var isOpen: Bool { number >= 0 }
    package var isRegularFile: Bool { mode & S_IFMT == S_IFREG }
    /// When a regular file was last changed, microseconds since 1970.
    package var changeTime: Int64? {
        var status = stat()
        guard isRegularFile, fstat(number, &status) == 0 else { return nil }
        return Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
    }
    package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    /// A pipe, or a FIFO opened by name.
    package var isPipe: Bool { mode & S_IFMT == S_IFIFO }
    package var isTerminal: Bool { mode & S_IFMT == S_IFCHR && isatty(number) == 1 }

    /// Requests a pipe buffer of 1 MiB, so that writer and reader switch less often. The kernel may refuse.
    package func enlargePipe() {
        // F_GETPIPE_SZ and F_SETPIPE_SZ, which the Glibc module does not export.
        guard isPipe, fcntl(number, 1032) < 1 << 20 else { return }
        _ = fcntl(number, 1031, 1 << 20)
    }

    /// Reads once, as many bytes as are available and fit.
    ///
    /// - Returns: the bytes read; 0 at the end; nil if nothing can be read now or a signal interrupted the call.
    package func read(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int? {
        let count = Glibc.read(number, room.baseAddress, room.count)
        if count >= 0 { return count }
        guard errno == EINTR || errno == EAGAIN else { throw FileError() }
        return nil
    }

    /// Writes all bytes; waits if the other side is slow.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(number, base + done, bytes.count - done)
            if count >= 0 {
                done += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var wanted = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wanted, 1, -1)
            default: throw FileError()
            }
        }
    }

    /// Moves to byte `position` of a file.
    package func seek(to position: Int) throws(FileError) {
        guard lseek(number, position, SEEK_SET) == position else { throw FileError() }
    }

    /// Waits until everything written is on disk.
    package func synchronize() throws(FileError) {
        while fdatasync(number) != 0 {
            guard errno == EINTR else { throw FileError() }
        }
    }

    /// Like `synchronize`, including the file's metadata.
    package func synchronizeAll() throws(FileError) {
        while fsync(number) != 0 {
            guard errno == EINTR else { throw FileError() }
        }
    }

    /// Locks the file for this process; false if another process holds the lock. Closing the descriptor releases it.
    package func lock() -> Bool { flock(number, LOCK_EX | LOCK_NB) == 0 }

    /// Whether a process has locked the file. Holds a shared lock for a moment.
    package static func isLocked(_ path: String) -> Bool {
        guard let opened = try? open(path, O_RDONLY | O_NOFOLLOW) else { return false }
        return flock(opened.number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Closes now, to detect errors that the system reports late (NFS, quotas).
    package consuming func close() throws(FileError) {
        let (number, isOwned) = (number, isOwned)
        discard self
        // On Linux, the descriptor is closed even after EINTR.
        guard isOwned, Glibc.close(number) != 0, errno != EINTR else { return }
        throw FileError()
    }
}
