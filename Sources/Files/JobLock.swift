import Glibc
import StreamEngine
import System

/// The lock of a job: the file `NAME.lock` beside its checkpoint, locked as long as this object exists. It contains the
/// identity of the file that the job writes, so that a job that is refused can name the other one.
///
/// Unchecked: used before the first commit, then only by the committing thread.
final class JobLock: @unchecked Sendable {
    private let job: String
    private let name: String
    private var file: FileDescriptor
    private var output: FileIdentity?

    /// - Throws: `temporary` if another process has locked the job.
    init(_ job: String, in folder: borrowing Folder, _ directory: String) throws(RunError) {
        self.job = job
        name = job + ".lock"
        do throws(FileError) {
            guard let file = try Self.take(name, in: folder) else {
                throw FileError(code: EWOULDBLOCK)
            }
            self.file = file
        } catch {
            if error.code == EWOULDBLOCK { throw .temporary("job '\(job)' is running in another process") }
            throw .cannotCreate(
                output: "\(directory)/\(name)", reason: "\(error.reason); name another directory with --state-dir DIR")
        }
    }

    /// - Returns: nil if another process has the lock.
    private static func take(_ name: String, in folder: borrowing Folder) throws(FileError) -> FileDescriptor? {
        // A list of jobs holds the lock for a moment.
        for _ in 0..<5 {
            let file = try folder.fileForLocking(name)
            if try file.lock() {
                // Otherwise, the file was removed before it was locked.
                if folder.identity(of: name) == file.identity { return file }
            } else {
                usleep(20_000)
            }
        }
        return nil
    }

    /// Notes which file the job writes; nil for none that has a name.
    func note(output: FileIdentity?) {
        self.output = output
        writeNote()
    }

    /// Only for messages, so it may fail.
    private func writeNote() {
        var text = ByteBuffer()
        if let output { text.append("\(output)\n") }
        try? file.cut(to: 0)
        try? text.withBytes { bytes throws(FileError) in try file.write(bytes) }
    }

    /// Checks that the lock still keeps other processes out. If its file was removed, the lock is taken again.
    ///
    /// - Throws: `temporary` if another process runs the job by now.
    func check(in folder: borrowing Folder) throws(RunError) {
        if let identity = folder.identity(of: name), identity == file.identity { return }
        guard let again = try? Self.take(name, in: folder) else {
            throw .temporary(
                "job '\(job)': its lock file \(name) was removed while it ran, and another process may run it now; "
                    + "this run writes nothing more")
        }
        file = again
        writeNote()
    }
}
