import Plan
import StreamEngine
import System

/// Finds generations again by what they contain. Names, inodes and times only decide what is tried first.
struct GenerationFinder: Sendable {
    let rotated: RotatedFiles
    let decompresses: Bool
    let isJob: Bool

    /// A generation of an earlier run, and where it is now.
    struct Found: ~Copyable {
        private(set) var file: OpenedFile
        let proof: ContentProof

        init(file: consuming OpenedFile, proof: ContentProof) {
            self.file = file
            self.proof = proof
        }

        consuming func takeFile() -> OpenedFile { file }
    }

    /// Opens a file that may have been removed or renamed since it was listed.
    func open(_ path: String) -> OpenedFile? { try? OpenedFile(path, decompresses: decompresses) }

    /// The file that holds a generation.
    ///
    /// - Parameter excluded: files that are known to be other generations.
    /// - Returns: nil if there is none.
    func find(
        _ wanted: GenerationCheckpoint, of name: String, excluding excluded: Set<FileIdentity> = []
    ) throws(RunError) -> Found? {
        for path in places(wanted, of: name) {
            guard let file = open(path), !excluded.contains(file.identity) else { continue }
            // Of nothing, there is no proof.
            if wanted.end == 0, !isSame(file, wanted) { continue }
            guard let proof = try proof(of: file, at: wanted.end) else { continue }
            if wanted.end == 0 || proof.hash == wanted.hash { return Found(file: file, proof: proof) }
        }
        return nil
    }

    /// The proof of a position, unless the file cannot be read up to there.
    private func proof(of file: borrowing OpenedFile, at position: Int) throws(RunError) -> ContentProof? {
        do throws(ReadError) {
            return try file.proof(at: position)
        } catch {
            if error == .file(.interrupted) {
                throw RunError(.interrupted, "stopped while reading \(file.path)")
            }
            return nil
        }
    }

    private func isSame(_ file: borrowing OpenedFile, _ wanted: GenerationCheckpoint) -> Bool {
        Int64(bitPattern: file.identity.inode) == wanted.inode
            && file.descriptor.inodeGeneration == wanted.inodeGeneration
    }

    /// Where to look, the most likely place first: the same inode, the name itself, then files that were rotated away.
    private func places(_ wanted: GenerationCheckpoint, of name: String) -> [String] {
        let candidates = rotated.candidates(of: name)
        let plain = candidates.filter { !$0.isCompressed }.reversed().map(\.path)
        let compressed = candidates.filter(\.isCompressed).reversed().map(\.path)
        var places = [name] + plain + [wanted.path] + compressed
        let folders = Set([
            splitPath(name).folder, splitPath(wanted.path).folder, splitPath(realPath(name) ?? "").folder,
        ])
        let known = Set(places)
        let same = places.filter { hasInode($0, wanted.inode) }
        // A file of any name, such as app.log.old.
        let others = folders.filter { !$0.isEmpty || !name.contains("/") }.sorted().flatMap { folder in
            entries(of: folder, withInode: wanted.inode).filter { !known.contains($0) }
        }
        places.removeAll { same.contains($0) }
        return same + others + places
    }

    private func hasInode(_ path: String, _ inode: Int64) -> Bool {
        FileIdentity(ofFile: path).map { Int64(bitPattern: $0.inode) == inode } ?? false
    }

    private func entries(of folder: String, withInode inode: Int64) -> [String] {
        (folderEntries(folder) ?? []).map { folder + $0 }.filter { hasInode($0, inode) }
    }

    /// The copy of a file that has been truncated: it begins with what was read, and is longer or as long.
    func copy(
        of proof: ContentProof, of name: String, excluding excluded: Set<FileIdentity>
    ) throws(RunError) -> OpenedFile? {
        guard proof.position > 0 else { return nil }
        for candidate in rotated.candidates(of: name).reversed() {
            guard let file = open(candidate.path), !excluded.contains(file.identity) else { continue }
            if try self.proof(of: file, at: proof.position)?.hash == proof.hash { return file }
        }
        return nil
    }

    /// The files that came between a generation and the file of the name now, oldest first.
    ///
    /// - Parameters:
    ///   - path: where the generation is; nil if that is not known.
    ///   - identity: the file of the generation.
    ///   - proof: what was read of it, for a generation that was compressed since.
    /// - Throws: `noInput` if their order is not certain.
    func after(
        _ identity: FileIdentity?, _ path: String?, _ proof: ContentProof?, of name: String
    ) throws(RunError) -> [String] {
        let candidates = rotated.candidates(of: name)
        let now = FileIdentity(ofFile: name)
        var place = candidates.firstIndex { candidate in
            guard let found = FileIdentity(ofFile: candidate.path) else { return false }
            return found == identity
        }
        if place == nil, let proof, proof.position > 0 {
            for index in candidates.indices.reversed() where place == nil && candidates[index].isCompressed {
                guard let file = open(candidates[index].path) else { continue }
                if try self.proof(of: file, at: proof.position)?.hash == proof.hash { place = index }
            }
        }
        let following: [RotatedFiles.Candidate]
        if let place {
            following = Array(candidates[candidates.index(after: place)...])
        } else if let path, let written = modificationTime(path), FileIdentity(ofFile: path) == identity {
            // A file whose name says nothing about its age.
            following = candidates.filter { $0.written > written }
        } else {
            following = []
        }
        try RotatedFiles.checkTimes(following)
        return following.map(\.path).filter { FileIdentity(ofFile: $0) != now }
    }
}
