import Glibc

/// A system call that failed, by its `errno`.
package struct FileError: Error, Sendable, Equatable {
    package let code: Int32
    package init(code: Int32 = errno) { self.code = code }

    /// The words of the C library, such as "No such file or directory".
    package var reason: String {
        guard let words = strerror(code) else { return "error \(code)" }
        return String(cString: words)
    }
}

/// An open file, pipe or terminal; closed when it goes out of scope, unless it was only borrowed.
package struct FileDescriptor: ~Copyable {
    /// The number the kernel knows it by; -1 for `none`.
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

    /// Stands for "nothing is open".
    package static var none: FileDescriptor { FileDescriptor(number: -1, isOwned: false) }

    /// Someone else's descriptor, such as standard input: used, never closed.
    package static func borrowing(_ number: Int32) -> FileDescriptor {
        FileDescriptor(number: number, isOwned: false)
    }

    /// A descriptor that is closed at the end of the value's life.
    package static func owning(_ number: Int32) -> FileDescriptor { FileDescriptor(number: number, isOwned: true) }

    /// Opens `path` for reading. Never waits: a FIFO without a writer is open at once and has nothing to read yet.
    package static func openForReading(_ path: String) throws(FileError) -> FileDescriptor {
        let opened = try open(path, O_RDONLY | O_NONBLOCK)
        guard !opened.isDirectory else { throw FileError(code: EISDIR) }
        return opened
    }

    /// Creates `path`, or empties it when it is there. The umask decides who may read it.
    package static func openForWriting(_ path: String) throws(FileError) -> FileDescriptor {
        try open(path, O_WRONLY | O_CREAT | O_TRUNC)
    }

    /// Opens `path` for writing after its first `length` bytes and cuts off what follows them.
    ///
    /// - Throws: `EINVAL` when the file is shorter than that.
    package static func openForWriting(_ path: String, keeping length: Int) throws(FileError) -> FileDescriptor {
        let opened = try open(path, O_WRONLY | O_CREAT)
        try opened.cut(to: length)
        return opened
    }

    /// A file that stands for something only one process can have at a time; made when it is missing.
    package static func openForLocking(_ path: String) throws(FileError) -> FileDescriptor {
        try open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    }

    /// A directory, to have its names written to the disk.
    package static func openDirectory(_ path: String) throws(FileError) -> FileDescriptor {
        try open(path, O_RDONLY | O_DIRECTORY)
    }

    /// Makes a directory and those above it, for the user alone, where they are missing.
    package static func makeDirectories(_ path: String) throws(FileError) {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(code: ENOENT) }
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw FileError() }
        try makeDirectories(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileError() }
    }

    private static func open(_ path: String, _ flags: Int32) throws(FileError) -> FileDescriptor {
        // A C string would end at the NUL and name another file.
        guard !path.utf8.contains(0) else { throw FileError(code: ENOENT) }
        while true {
            let number = Glibc.open(path, flags | O_CLOEXEC | O_NOCTTY, 0o666)
            if number >= 0 { return FileDescriptor(number: number, isOwned: true) }
            guard errno == EINTR else { throw FileError() }
        }
    }

    /// Cuts a file down to its first `length` bytes and goes on writing there.
    package func cut(to length: Int) throws(FileError) {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw FileError() }
        guard status.st_size >= length else { throw FileError(code: EINVAL) }
        guard ftruncate(number, length) == 0 else { throw FileError() }
        try seek(to: length)
    }

    package var isOpen: Bool { number >= 0 }
    package var isRegularFile: Bool { mode & S_IFMT == S_IFREG }
    package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    /// A pipe, or a FIFO opened by name.
    package var isPipe: Bool { mode & S_IFMT == S_IFIFO }
    package var isTerminal: Bool { mode & S_IFMT == S_IFCHR && isatty(number) == 1 }

    /// Asks for a pipe of 1 MiB, so that writer and reader switch less often. The kernel may refuse; no matter.
    package func enlargePipe() {
        // F_GETPIPE_SZ and F_SETPIPE_SZ, which the Glibc module does not show.
        guard isPipe, fcntl(number, 1032) < 1 << 20 else { return }
        _ = fcntl(number, 1031, 1 << 20)
    }

    /// Reads once, as much as there is and fits.
    ///
    /// - Returns: the bytes read, 0 at the end, nil when nothing can be read now or a signal came in between.
    package func read(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int? {
        let count = Glibc.read(number, room.baseAddress, room.count)
        if count >= 0 { return count }
        guard errno == EINTR || errno == EAGAIN else { throw FileError() }
        return nil
    }

    /// Writes all the bytes; waits where the other side is slow.
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

    /// Goes to byte `position` of a file.
    package func seek(to position: Int) throws(FileError) {
        guard lseek(number, position, SEEK_SET) == position else { throw FileError() }
    }

    /// Waits until everything written is on the disk.
    package func synchronize() throws(FileError) {
        while fdatasync(number) != 0 {
            guard errno == EINTR else { throw FileError() }
        }
    }

    /// As `synchronize`, with all that belongs to the file.
    package func synchronizeAll() throws(FileError) {
        while fsync(number) != 0 {
            guard errno == EINTR else { throw FileError() }
        }
    }

    /// Takes the file for this process; false when another one has it. It ends with the descriptor.
    package func lock() -> Bool { flock(number, LOCK_EX | LOCK_NB) == 0 }

    /// Closes now, to learn of errors that come late (NFS, quotas).
    package consuming func close() throws(FileError) {
        let (number, isOwned) = (number, isOwned)
        discard self
        // After EINTR the descriptor is gone all the same on Linux.
        guard isOwned, Glibc.close(number) != 0, errno != EINTR else { return }
        throw FileError()
    }
}
