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
        InodeMark(file) == InodeMark(inode: wanted.inode, inodeGeneration: wanted.inodeGeneration)
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
        of proof: ContentProof, of name: String, excluding excluded: Set<FileIdentity>, _ others: Set<InodeMark>
    ) throws(RunError) -> OpenedFile? {
        guard proof.position > 0 else { return nil }
        for candidate in rotated.candidates(of: name).reversed() {
            guard let file = open(candidate.path), !excluded.contains(file.identity),
                !others.contains(InodeMark(file))
            else { continue }
            if try self.proof(of: file, at: proof.position)?.hash == proof.hash { return file }
        }
        return nil
    }

    /// The files that were rotated away, oldest first. Neither the one that the name stands for is among them, nor a copy
    /// of it that is being made to truncate it.
    func rotatedFiles(of name: String) -> [(path: String, mark: InodeMark)] {
        rotated.candidates(of: name).compactMap { candidate in
            guard let file = open(candidate.path), !isCurrent(file, of: name) else { return nil }
            return (candidate.path, InodeMark(file))
        }
    }

    /// Whether the name stands for the file, or the file has nothing but the first bytes of the one that it stands for.
    private func isCurrent(_ file: borrowing OpenedFile, of name: String) -> Bool {
        guard let current = open(name) else { return false }
        if current.identity == file.identity { return true }
        guard file.compression == nil, current.compression == nil, let size = file.descriptor.size, size > 0,
            let copy = try? ContentProof(file.descriptor, size)
        else { return false }
        return (try? ContentProof(current.descriptor, size))?.hash == copy.hash
    }

    /// The files that came between a generation and the file of the name now, oldest first.
    ///
    /// - Parameters:
    ///   - generation: the file of the generation; nil if there was none.
    ///   - path: where it was.
    ///   - written: when it was last written; nil if that is not known.
    ///   - proof: what was read of it, for a generation that was compressed since.
    ///   - known: what was read of others.
    /// - Throws: `noInput` if their order is not certain.
    func after(
        _ generation: FileIdentity?, _ path: String?, written: Int64? = nil, _ proof: ContentProof? = nil,
        besides known: [ContentProof] = [], of name: String
    ) throws(RunError) -> [String] {
        guard let generation else { return [] }
        let candidates = rotated.candidates(of: name)
        var place = candidates.firstIndex { FileIdentity(ofFile: $0.path) == generation }
        if place == nil, let proof, proof.position > 0 {
            for index in candidates.indices.reversed() where place == nil && candidates[index].isCompressed {
                if try holds(candidates[index].path, proof) { place = index }
            }
        }
        let following: [RotatedFiles.Candidate]
        if let place {
            following = Array(candidates[candidates.index(after: place)...])
        } else if let written = written ?? path.flatMap(modificationTime) {
            // It was removed, or its name says nothing about its age.
            var later: [RotatedFiles.Candidate] = []
            for candidate in candidates where candidate.written >= written {
                if candidate.isCompressed, try isAny(of: known, in: candidate.path) { continue }
                later.append(candidate)
            }
            following = later
        } else {
            following = []
        }
        try RotatedFiles.checkTimes(following)
        return following.map(\.path).filter { path in
            guard let file = open(path) else { return false }
            return !isCurrent(file, of: name)
        }
    }

    private func isAny(of proofs: [ContentProof], in path: String) throws(RunError) -> Bool {
        for proof in proofs where proof.position > 0 {
            if try holds(path, proof) { return true }
        }
        return false
    }

    /// Whether a compressed file begins with what was read.
    func isCompressedCopy(_ path: String, of proof: ContentProof) throws(RunError) -> Bool {
        guard let file = open(path), file.compression != nil else { return false }
        return try self.proof(of: file, at: proof.position)?.hash == proof.hash
    }

    /// Whether a file begins with what was read.
    private func holds(_ path: String, _ proof: ContentProof) throws(RunError) -> Bool {
        guard let file = open(path) else { return false }
        return try self.proof(of: file, at: proof.position)?.hash == proof.hash
    }
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
