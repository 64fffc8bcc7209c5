import Glibc

/// An open directory in which the program keeps files of its own. Their names are never followed through symbolic
/// links, and anything but a regular file is refused: in a directory that others can write, they could have
/// planted it.
package struct Folder: ~Copyable, Sendable {
    private let opened: FileDescriptor

    /// Opens a directory. Creates it and its missing parents, accessible only to the user.
    package init(creating path: String) throws(FileError) {
        try FileDescriptor.makeDirectories(path)
        opened = try .openDirectory(path)
    }

    /// The file of that name; nil if there is none.
    package func file(_ name: String) throws(FileError) -> FileDescriptor? {
        do throws(FileError) {
            return try open(name, O_RDONLY)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    /// Opens a file for reading and writing; creates it if there is none.
    package func fileForLocking(_ name: String) throws(FileError) -> FileDescriptor { try open(name, O_RDWR | O_CREAT) }

    /// Creates a file.
    ///
    /// - Throws: `EEXIST` if there is anything of that name.
    package func create(_ name: String) throws(FileError) -> FileDescriptor {
        try open(name, O_WRONLY | O_CREAT | O_EXCL)
    }

    package func identity(of name: String) -> FileIdentity? {
        var status = stat()
        return fstatat(opened.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? FileIdentity(status) : nil
    }

    package func rename(_ name: String, to new: String) throws(FileError) {
        guard renameat(opened.number, name, opened.number, new) == 0 else { throw FileError() }
    }

    /// Removes a file of the user; does nothing if there is none.
    package func remove(_ name: String) throws(FileError) {
        guard try file(name) != nil else { return }
        guard unlinkat(opened.number, name, 0) == 0 || errno == ENOENT else { throw FileError() }
    }

    /// Waits until created, renamed and removed names are on disk.
    package func synchronize() throws(FileError) { try opened.synchronizeAll() }

    private func open(_ name: String, _ flags: Int32) throws(FileError) -> FileDescriptor {
        guard !name.utf8.contains(0) else { throw FileError(code: ENOENT) }
        let flags = flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
        var number = openat(opened.number, name, flags, 0o666)
        while number < 0, errno == EINTR { number = openat(opened.number, name, flags, 0o666) }
        // A symbolic link, a directory, a FIFO without a reader or a socket cannot be opened at all.
        guard number >= 0 else {
            let error = FileError()
            throw [ELOOP, EISDIR, ENXIO].contains(error.code) ? .notRegular : error
        }
        let file = FileDescriptor.owning(number)
        guard file.isRegularFile else { throw .notRegular }
        guard isTrusted(file) else { throw FileError(code: EPERM) }
        return file
    }

    /// False for a file of another user in a directory that everyone can write, unless it belongs to the owner of the
    /// directory. This is the rule of the kernel's `fs.protected_regular`.
    private func isTrusted(_ file: borrowing FileDescriptor) -> Bool {
        var (mine, theirs) = (stat(), stat())
        guard fstat(opened.number, &mine) == 0, fstat(file.number, &theirs) == 0 else { return false }
        return mine.st_mode & S_IWOTH == 0 || theirs.st_uid == geteuid() || theirs.st_uid == mine.st_uid
    }
}
