import Glibc
import Plan
import StreamEngine
import System

/// The checkpoint of a job in a local file: two lines of JSON, replaced atomically. The job is locked against other
/// processes as long as this object exists.
package final class JobFile: Sendable {
    package let path: String
    private let directory: String
    package let name: String
    private let lock: FileDescriptor

    /// The directory of that name, or the default: `$STATE_DIRECTORY`, which systemd sets for a service with
    /// `StateDirectory=`; `$XDG_STATE_HOME/streamctl`; or `.local/state/streamctl` in the home directory.
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
        if let home = variable("HOME") { return home + "/.local/state/streamctl" }
        throw .usage(
            "\(flag) needs the directory of checkpoints, and HOME is not set; add --state-dir DIR")
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
            try FileDescriptor.makeDirectories(directory)
            lock = try .openForLocking(directory + "/" + job + ".lock")
        } catch {
            throw .cannotCreate(output: directory, reason: "\(error.reason); name another one with --state-dir DIR")
        }
        // A list of jobs holds the lock for a moment.
        var attempts = 0
        while !lock.lock() {
            attempts += 1
            guard attempts < 5 else { break }
            usleep(20_000)
        }
        guard attempts < 5 else {
            throw .temporary("job '\(job)' is running in another process")
        }
    }

    /// The state that was last saved; nil for a new job.
    package func load() throws(RunError) -> JobState? { try Self.load(path, job: name) }

    /// The state of a job in a file; nil if there is no such file.
    static func load(_ path: String, job name: String) throws(RunError) -> JobState? {
        guard let size = regularFileSize(path) else { return nil }
        var text: [UInt8] = []
        do throws(FileError) {
            let file = try FileDescriptor.openForReading(path)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size + 1, alignment: 1)
            defer { buffer.deallocate() }
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

    /// Removes the saved state, for good: a job that starts over must not resume after a crash.
    package func remove() throws(RunError) {
        guard exists(path) else { return }
        do throws(FileError) {
            guard unlink(path) == 0 else { throw FileError() }
            try FileDescriptor.openDirectory(directory).synchronizeAll()
        } catch {
            throw .writeFailed(output: path, reason: error.reason)
        }
    }

    /// Replaces the saved state. After a crash, the file has either the old or the new content.
    package func save(fingerprint: String, checkpoint: String) throws(RunError) {
        let draft = path + ".new"
        do throws(FileError) {
            let file = try FileDescriptor.openForWriting(draft)
            var text = ByteBuffer()
            text.append("\(fingerprint)\n\(checkpoint)\n")
            try text.withBytes { bytes throws(FileError) in try file.write(bytes) }
            try file.synchronize()
            try file.close()
            failpoint("checkpoint-written")
            guard rename(draft, path) == 0 else { throw FileError() }
            failpoint("checkpoint-renamed")
            try FileDescriptor.openDirectory(directory).synchronizeAll()
            failpoint("folder-synced")
        } catch {
            throw .writeFailed(output: path, reason: error.reason)
        }
    }
}

/// The FNV-1a hash of up to 1024 bytes at the start of a file and up to 1024 bytes before a position. A different hash
/// shows that the bytes before the position have changed.
///
/// - Returns: nil if the file cannot be read or is shorter.
package func positionHash(_ path: String, position: Int) -> Int64? {
    guard let size = regularFileSize(path), size >= position, let file = try? FileDescriptor.openForReading(path)
    else { return nil }
    var hash = FNV1a()
    for start in [0, max(0, position - 1024)] {
        var buffer = [UInt8](repeating: 0, count: min(1024, position - start))
        let wanted = buffer.count
        let count = buffer.withUnsafeMutableBytes { pread(file.number, $0.baseAddress, wanted, start) }
        guard count == wanted else { return nil }
        buffer.withUnsafeBytes { hash.add($0) }
    }
    return Int64(bitPattern: hash.value)
}
