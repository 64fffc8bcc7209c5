import Glibc

/// A failed system call, identified by its `errno`.
package struct FileError: Error, Sendable, Equatable {
    package let code: Int32
    package init(code: Int32 = errno) { self.code = code }

    /// A signal has ended a wait for another process.
    package static let interrupted = FileError(code: ECANCELED)
    /// Something other than a regular file is there: a symbolic link, a FIFO, a device.
    package static let notRegular = FileError(code: -1)

    /// There is no such file.
    package static let missing = FileError(code: ENOENT)
    /// A file of another machine was removed there.
    package static let stale = FileError(code: ESTALE)

    /// The C library's message, such as "No such file or directory".
    package var reason: String {
        if self == .notRegular { return "not a regular file" }
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

    /// Opens `path` for writing and keeps its content; creates it if it does not exist. The umask decides who may read
    /// it. A FIFO is opened as soon as it has a reader; a signal ends the wait.
    ///
    /// - Parameter appends: every write goes to the end of the file, also when others write to it.
    /// - Throws: `interrupted` if a signal has ended the wait for a reader.
    package static func openForWriting(_ path: String, appends: Bool = false) throws(FileError) -> FileDescriptor {
        while true {
            do throws(FileError) {
                let opened = try open(path, O_WRONLY | O_CREAT | O_NONBLOCK | (appends ? O_APPEND : 0))
                if !opened.isRegularFile { opened.setBlocking() }
                return opened
            } catch {
                guard error.code == ENXIO, isFIFO(path) else { throw error }
            }
            guard wait(for: -1, interrupt: .signals, deadline: wallClock() + 20_000) == .deadline else {
                throw .interrupted
            }
        }
    }

    private func setBlocking() {
        let flags = fcntl(number, F_GETFL)
        if flags >= 0 { _ = fcntl(number, F_SETFL, flags & ~O_NONBLOCK) }
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
    ///
    /// - Throws: `EINVAL` if the file is shorter than that.
    package func cut(to length: Int) throws(FileError) {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw FileError() }
        guard status.st_size >= length else { throw FileError(code: EINVAL) }
        guard ftruncate(number, length) == 0 else { throw FileError() }
        try seek(to: length)
    }

    /// The current size of a regular file in bytes; nil for anything else.
    package var size: Int? {
        var status = stat()
        guard isRegularFile, fstat(number, &status) == 0 else { return nil }
        return status.st_size
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
        let (count, code) = call { Glibc.read(number, room.baseAddress, room.count) }
        if count >= 0 { return count }
        guard code == EINTR || code == EAGAIN else { throw FileError(code: code) }
        return nil
    }

    /// Reads once from a byte of a regular file; the position of the descriptor stays where it is.
    ///
    /// - Returns: the bytes read; 0 at the end; nil if a signal interrupted the call.
    package func read(into room: UnsafeMutableRawBufferPointer, at position: Int) throws(FileError) -> Int? {
        let count = pread(number, room.baseAddress, room.count, position)
        if count >= 0 { return count }
        guard errno == EINTR else { throw FileError() }
        return nil
    }

    /// Makes a call that waits only if this is not a regular file.
    private func call(_ body: () -> Int) -> (result: Int, code: Int32) {
        isRegularFile ? WaitingCall.plain(body) : WaitingCall.make(body)
    }

    /// A pipe that can be written has room for this many bytes (`PIPE_BUF`).
    private static let smallWrite = 4096

    /// Writes all bytes; waits while the other side is slow. Once a signal has stopped the run, it waits only as long as
    /// the other side takes some of them within `Patience.limit`.
    ///
    /// - Throws: `interrupted` if it does not.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        var patience = Patience()
        while done < bytes.count {
            var size = bytes.count - done
            if !isRegularFile, Interrupt.signals.isRaised {
                guard patience.wait(for: number) else { throw .interrupted }
                size = min(size, FileDescriptor.smallWrite)
            }
            let (count, code) = call { Glibc.write(number, base + done, size) }
            if count >= 0 {
                done += count
                if count > 0 { patience = Patience() }
                continue
            }
            switch code {
            case EINTR: continue
            case EAGAIN: waitUntilWritable()
            default: throw FileError(code: code)
            }
        }
    }

    /// Returns also once a signal stops the run.
    private func waitUntilWritable() {
        var entries = (
            pollfd(fd: number, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: Interrupt.signals.pollDescriptor, events: Int16(POLLIN), revents: 0)
        )
        withUnsafeMutableBytes(of: &entries) { bytes in
            let list = bytes.assumingMemoryBound(to: pollfd.self)
            _ = poll(list.baseAddress, nfds_t(list.count), -1)
        }
    }

    /// Another descriptor of the same open file, which shares its position.
    package func duplicated() throws(FileError) -> FileDescriptor {
        // F_DUPFD_CLOEXEC, which the Glibc module does not export.
        let copy = fcntl(number, 1030, 0)
        guard copy >= 0 else { throw FileError() }
        return .owning(copy)
    }

    /// The byte of a file at which it is read next; nil for anything else.
    package var offset: Int? {
        let offset = lseek(number, 0, SEEK_CUR)
        return offset >= 0 ? offset : nil
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

    /// Locks the file for this process. Closing the descriptor releases the lock.
    ///
    /// - Parameter isShared: others may have a shared lock too.
    /// - Returns: false if another process holds the lock.
    package func lock(isShared: Bool = false) throws(FileError) -> Bool {
        while flock(number, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw FileError() }
        }
        return true
    }

    package func unlock() { flock(number, LOCK_UN) }

    /// Whether a process has locked the file. Holds a shared lock for a moment.
    package static func isLocked(_ path: String) -> Bool {
        guard let opened = try? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else { return false }
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
