import Plan
import StreamEngine
import System

/// The jobs whose checkpoints are files of a directory.
enum JobDirectory {
    static func list(_ directory: String) throws(RunError) -> JobList {
        var jobs: [StoredJob] = []
        for file in try names(directory) where file.hasSuffix(".job") {
            let name = String(file.dropLast(".job".count))
            let path = directory + "/" + file
            let isRunning = FileDescriptor.isLocked(directory + "/" + name + ".lock")
            let committed = modificationTime(path)
            do throws(RunError) {
                jobs.append(
                    StoredJob(
                        name: name, state: try JobFile.load(path, job: name), output: "--output", else: "-",
                        isRunning: isRunning, committed: committed))
            } catch {
                jobs.append(StoredJob(name: name, output: "-", status: .damaged, committed: committed))
            }
        }
        return JobList(place: directory, jobs: jobs)
    }

    /// - Returns: nothing for a directory that does not exist: no job has run yet.
    static func names(_ directory: String) throws(RunError) -> [String] {
        do throws(FileError) {
            return try folderEntries(directory)
        } catch {
            if error == .missing { return [] }
            throw .noInput("\(directory): \(error.reason)")
        }
    }
}
