import Plan
import StreamEngine
import System

/// Refuses what cannot be followed.
enum FollowCheck {
    /// - Throws: `noInput` for anything but a regular file that can be read, or no file at all.
    static func check(_ name: String, _ mounts: MountTable) throws(RunError) {
        guard exists(name) else {
            // A link to nothing, or a name in a folder that may come.
            return
        }
        if isFolder(name) {
            throw .noInput("\(name): a directory; name the files in it: --follow '\(name)/*.log'")
        }
        guard regularFileSize(name) != nil else {
            throw .noInput(
                "\(name): not a regular file; only these are rotated. Remove --follow: a pipe or a terminal is read as it "
                    + "comes")
        }
        guard !mounts.isSynthetic(name) else {
            throw .noInput("\(name): its content is made by the system when it is read; remove --follow")
        }
        do throws(FileError) { _ = try FileDescriptor.openForReading(name) } catch {
            throw .noInput("\(name): \(error.reason)")
        }
    }

    /// - Throws: `usage` if two names stand for one file.
    static func checkDistinct(_ names: [String]) throws(RunError) {
        var known: [FileIdentity: String] = [:]
        for name in names {
            guard let identity = FileIdentity(ofFile: name) else { continue }
            if let other = known[identity] {
                throw .usage("\(name) is the same file as \(other), and would be counted twice; name it once")
            }
            known[identity] = name
        }
    }
}
