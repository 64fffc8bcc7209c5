import StreamEngine
import System

/// A file that was rotated away, or has the name itself, opened when it was listed: it is the same file even if it is renamed meanwhile.
final class RotatedFile {
    let candidate: RotatedFiles.Candidate
    let opened: OpenedFile
    let mark: InodeMark

    fileprivate init(_ candidate: RotatedFiles.Candidate, _ opened: consuming OpenedFile) {
        self.candidate = candidate
        mark = InodeMark(opened)
        self.opened = opened
    }

    /// The file that a name refers to; nil if there is none.
    fileprivate convenience init?(_ name: String, decompresses: Bool) {
        guard let opened = try? OpenedFile(name, decompresses: decompresses) else { return nil }
        let written = opened.descriptor.changeTime ?? 0
        self.init(RotatedFiles.Candidate(path: name, age: nil, isCompressed: false, written: written), opened)
    }

    var path: String { candidate.path }
    var identity: FileIdentity { opened.identity }
    var isCompressed: Bool { opened.compression != nil }

    /// The same open file once more.
    func again() throws(RunError) -> OpenedFile {
        do throws(ReadError) { return try opened.again() } catch { throw error.ending(path) }
    }
}

/// All files that were rotated away from a name at one moment, oldest first, and the file that the name referred to.
struct RotatedListing {
    let files: [RotatedFile]
    /// Nil if there was none.
    let current: FileIdentity?
    /// The file that the name referred to; nil also if it cannot be opened.
    let named: RotatedFile?
    /// When it was made, microseconds since 1970.
    let began: Int64

    /// Lists them again until nothing has been renamed while they were listed.
    ///
    /// - Returns: nil if they are renamed all the time.
    init?(of name: String, _ rotated: RotatedFiles, decompresses: Bool) {
        for _ in 0..<Self.mostAttempts {
            let began = wallClock()
            let named = RotatedFile(name, decompresses: decompresses)
            let current = named?.identity ?? FileIdentity(ofFile: name)
            let files = rotated.candidates(of: name).compactMap { candidate -> RotatedFile? in
                guard let opened = try? OpenedFile(candidate.path, decompresses: decompresses),
                    opened.identity != current
                else { return nil }
                return RotatedFile(candidate, opened)
            }
            let again = rotated.candidates(of: name).compactMap { candidate -> FileIdentity? in
                FileIdentity(ofFile: candidate.path).flatMap { $0 == current ? nil : $0 }
            }
            guard again == files.map(\.identity), FileIdentity(ofFile: name) == current else { continue }
            self.files = files
            self.current = current
            self.named = named
            self.began = began
            return
        }
        return nil
    }

    private static let mostAttempts = 50
}

/// Tells a file from others, also from those that had its inode before, where the file system counts them.
struct InodeMark: Hashable {
    var inode: Int64
    var inodeGeneration: Int64
}

extension InodeMark {
    init(_ file: borrowing OpenedFile) {
        inode = Int64(bitPattern: file.identity.inode)
        inodeGeneration = file.descriptor.inodeGeneration
    }
}
