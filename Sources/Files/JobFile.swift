import Glibc
import Plan
import StreamEngine
import System

/// The checkpoint of a job in a local file: two lines of JSON, replaced atomically. The job is locked against other
/// processes as long as this object exists.
package final class JobFile: Sendable {
    package let path: String
    package let name: String
    private let directory: String
    private let folder: Folder
    private let lock: JobLock

    private var file: String { name + ".job" }
    /// The next checkpoint before it replaces the last one.
    private var draft: String { name + ".job.new" }

    /// The directory of that name, or the default: `$STATE_DIRECTORY`, which systemd sets for a service with
    /// `StateDirectory=`; `$XDG_STATE_HOME/streamctl`; or `.local/state/streamctl` in the home directory, if they are
    /// absolute paths.
    ///
    /// - Throws: `usage` if none of them is set.
    ///
    /// - Parameter flag: the flag that needs it.
    static func directory(_ name: String?, for flag: String) throws(RunError) -> String {
        if let name { return name }
        if let directories = variable("STATE_DIRECTORY"), let first = directories.split(separator: ":").first {
            return String(first)
        }
        if let home = variable("XDG_STATE_HOME"), home.hasPrefix("/") { return home + "/streamctl" }
        let home = variable("HOME")
        if let home, home.hasPrefix("/") { return home + "/.local/state/streamctl" }
        throw .usage(
            "\(flag) needs the directory of checkpoints, and HOME is not \(home == nil ? "set" : "an absolute path"); "
                + "add --state-dir DIR")
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// Creates the directory if necessary, and locks the job.
    ///
    /// - Throws: `temporary` if another process has locked the job.
    package init(directory: String, job: String) throws(RunError) {
        self.directory = directory
        name = job
        path = directory + "/" + job + ".job"
        do throws(FileError) {
            folder = try Folder(creating: directory)
        } catch {
            throw .cannotCreate(output: directory, reason: "\(error.reason); name another one with --state-dir DIR")
        }
        lock = try JobLock(job, in: folder, directory)
        // A run that was killed may have left it.
        do throws(FileError) {
            try folder.remove(draft)
        } catch {
            throw .cannotCreate(output: "\(path).new", reason: "\(error.reason); remove it, or use another --state-dir")
        }
    }

    /// The state that was last saved; nil for a new job.
    package func load() throws(RunError) -> JobState? {
        let opened: FileDescriptor?
        do throws(FileError) {
            opened = try folder.file(file)
        } catch {
            throw .cannotCreate(output: path, reason: "\(error.reason); remove it, or use another --state-dir")
        }
        guard let opened else { return nil }
        return try Self.read(opened, path, job: name)
    }

    /// The state of a job in a file; nil if there is no such file.
    static func load(_ path: String, job name: String) throws(RunError) -> JobState? {
        guard regularFileSize(path) != nil else { return nil }
        let opened: FileDescriptor
        do throws(FileError) {
            opened = try .openForReading(path)
        } catch {
            throw .cannotCreate(output: path, reason: error.reason)
        }
        return try read(opened, path, job: name)
    }

    private static func read(
        _ file: consuming FileDescriptor, _ path: String, job name: String
    ) throws(RunError) -> JobState {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: (file.size ?? 0) + 1, alignment: 1)
        defer { buffer.deallocate() }
        var text: [UInt8] = []
        do throws(FileError) {
            while let count = try file.read(into: buffer), count > 0 { text += buffer[0..<count] }
        } catch {
            throw .cannotCreate(output: path, reason: error.reason)
        }
        let lines = text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == 2 else {
            throw .mismatch("\(path) is damaged; --reset \(name) starts the job over")
        }
        return JobState(fingerprint: lines[0], checkpoint: lines[1])
    }

    /// Notes which file the job writes, for the message of another job that wants it too.
    func note(output: FileIdentity?) { lock.note(output: output) }

    /// The job that writes to a file, if it keeps its checkpoint in the same directory.
    func owner(of output: FileIdentity) -> String? {
        let names = (try? JobDirectory.names(directory)) ?? []
        return names.filter { $0.hasSuffix(".lock") && $0 != name + ".lock" }.first { other in
            let path = "\(directory)/\(other)"
            return FileDescriptor.isLocked(path) && fileText(path, most: 100) == "\(output)\n"
        }.map { String($0.dropLast(".lock".count)) }
    }

    /// Whether this is a file in which the job is kept.
    func keeps(_ other: FileIdentity) -> Bool {
        [file, draft, name + ".lock"].contains { folder.identity(of: $0) == other }
    }

    /// Checks that no other process can have started the job.
    ///
    /// - Throws: `temporary` if one may have.
    func checkLock() throws(RunError) { try lock.check(in: folder) }

    /// Removes the saved state, for good: a job that starts over must not resume after a crash.
    package func remove() throws(RunError) {
        do throws(FileError) {
            try folder.remove(file)
            try folder.synchronize()
        } catch {
            throw .writeFailed(output: path, reason: error.reason)
        }
    }

    /// Replaces the saved state. After a crash, the file has either the old or the new content.
    package func save(fingerprint: String, checkpoint: String) throws(RunError) {
        let text = "\(fingerprint)\n\(checkpoint)\n"
        var attempts = 0
        while true {
            do throws(FileError) {
                return try replace(with: text)
            } catch {
                // The draft was removed, probably with the whole directory. The lock shows whether the job can go on.
                if error.code == ENOENT, attempts < 10 {
                    attempts += 1
                    try checkLock()
                    continue
                }
                throw .writeFailed(output: path, reason: error.reason)
            }
        }
    }

    private func replace(with text: String) throws(FileError) {
        let new = try folder.create(draft)
        var buffer = ByteBuffer()
        buffer.append(text)
        try buffer.withBytes { bytes throws(FileError) in try new.write(bytes) }
        try new.synchronize()
        try new.close()
        failpoint("checkpoint-written")
        try folder.rename(draft, to: file)
        failpoint("checkpoint-renamed")
        try folder.synchronize()
        failpoint("folder-synced")
    }
}
