import Plan
import StreamEngine
import System

/// Finds generations again by what they contain. Names, inodes and times only decide what is tried first.
struct GenerationFinder: Sendable {
    let rotated: RotatedFiles
    let decompresses: Bool
    /// Called where other processes may change files between two steps; a test does so there.
    let betweenSteps: @Sendable () -> Void

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
    func open(_ path: String) -> OpenedFile? {
        defer { betweenSteps() }
        return try? OpenedFile(path, decompresses: decompresses)
    }

    /// The file that holds a generation.
    ///
    /// - Parameter excluded: files that are known to be other generations.
    /// - Returns: nil if there is none.
    func find(
        _ wanted: GenerationCheckpoint, of name: String, excluding excluded: Set<FileIdentity> = []
    ) throws(RunError) -> Found? {
        // Most often, nothing has changed.
        if let file = open(name), !excluded.contains(file.identity), isSame(file, wanted),
            let found = try found(wanted, in: file)
        {
            return found
        }
        // Files may be renamed while they are looked at.
        var before: [FileIdentity]?
        for _ in 0..<10 {
            guard let listing = listing(of: name) else { continue }
            if let found = try find(wanted, of: name, in: listing, excluding: excluded) { return found }
            let identities = listing.files.map(\.identity) + [listing.current].compactMap(\.self)
            if identities == before { break }
            before = identities
        }
        return nil
    }

    private func find(
        _ wanted: GenerationCheckpoint, of name: String, in listing: RotatedListing,
        excluding excluded: Set<FileIdentity>
    ) throws(RunError) -> Found? {
        let rotated = listing.files.filter { !excluded.contains($0.identity) }
        let plain = rotated.filter { !$0.isCompressed }.reversed()
        let same = plain.filter { $0.mark.inode == wanted.inode }
        for file in same + plain.filter({ $0.mark.inode != wanted.inode }) + rotated.filter(\.isCompressed).reversed() {
            if let found = try found(wanted, in: try file.again()) { return found }
        }
        for path in otherPlaces(wanted, of: name) {
            guard let file = open(path), !excluded.contains(file.identity) else { continue }
            if let found = try found(wanted, in: file) { return found }
        }
        return nil
    }

    /// The generation, if the file contains it.
    private func found(_ wanted: GenerationCheckpoint, in file: consuming OpenedFile) throws(RunError) -> Found? {
        if wanted.end == 0 {
            // What was seen proves it; if that is nothing, only the inode does.
            let isFound =
                try wanted.seenEnd > 0
                ? proof(of: file, at: wanted.seenEnd)?.hash == wanted.seenHash : isSame(file, wanted)
            return isFound ? Found(file: file, proof: ContentProof()) : nil
        }
        guard let proof = try proof(of: file, at: wanted.end), proof.hash == wanted.hash else { return nil }
        return Found(file: file, proof: proof)
    }

    /// The proof of a position, or of the end if that is nil, unless the file cannot be read up to there.
    private func proof(of file: borrowing OpenedFile, at position: Int?) throws(RunError) -> ContentProof? {
        do throws(ReadError) {
            return try file.proof(at: position)
        } catch {
            if error == .file(.interrupted) { throw error.ending(file.path) }
            return nil
        }
    }

    /// Whether it is the file of a generation, not a copy.
    func isSame(_ file: borrowing OpenedFile, _ wanted: GenerationCheckpoint) -> Bool {
        InodeMark(file) == InodeMark(inode: wanted.inode, inodeGeneration: wanted.inodeGeneration)
    }

    /// Where else to look: the name itself, where the file was, and files with its inode that have any name, such as
    /// app.log.old.
    private func otherPlaces(_ wanted: GenerationCheckpoint, of name: String) -> [String] {
        let folders = Set([
            splitPath(name).folder, splitPath(wanted.path).folder, splitPath(realPath(name) ?? "").folder,
        ])
        let others = folders.filter { !$0.isEmpty || !name.contains("/") }.sorted().flatMap { folder in
            entries(of: folder, withInode: wanted.inode)
        }
        return [name, wanted.path] + others
    }

    private func hasInode(_ path: String, _ inode: Int64) -> Bool {
        FileIdentity(ofFile: path).map { Int64(bitPattern: $0.inode) == inode } ?? false
    }

    private func entries(of folder: String, withInode inode: Int64) -> [String] {
        ((try? folderEntries(folder)) ?? []).map { folder + $0 }.filter { hasInode($0, inode) }
    }

    /// The files that are no copies of the one that has the name now, which will be truncated.
    func withoutCopies(_ files: some Sequence<RotatedFile>, of named: RotatedFile?) -> [RotatedFile] {
        guard let named else { return Array(files) }
        return files.filter { !$0.opened.isCopy(of: named.opened) }
    }

    /// The files that were rotated away now; nil if they are renamed all the time.
    func listing(of name: String) -> RotatedListing? {
        betweenSteps()
        defer { betweenSteps() }
        return RotatedListing(of: name, rotated, decompresses: decompresses)
    }

    /// The number of the copy of a file that has been truncated: it begins with what was read, and is longer or as long.
    ///
    /// - Parameters:
    ///   - isOldest: whether to take the oldest one that begins like this, not the newest.
    ///   - isWanted: whether a file may be the copy.
    func copy(
        of proof: ContentProof, in listing: RotatedListing, isOldest: Bool, where isWanted: (RotatedFile) -> Bool
    ) throws(RunError) -> Int? {
        guard proof.position > 0 else { return nil }
        let numbers = Array(listing.files.indices)
        for number in isOldest ? numbers : numbers.reversed() where isWanted(listing.files[number]) {
            if try holds(listing.files[number], proof) { return number }
        }
        return nil
    }

    /// The files that came between a generation and the file of the name now, oldest first.
    ///
    /// - Parameters:
    ///   - generation: the file of the generation; nil if there was none.
    ///   - path: where it was.
    ///   - proof: what was read of it, for a generation that was compressed since.
    /// - Returns: nil if nothing says what came after it.
    /// - Throws: `noInput` if their order is not certain.
    func after(
        _ generation: FileIdentity?, _ path: String?, _ proof: ContentProof?, in listing: RotatedListing
    ) throws(RunError) -> [RotatedFile]? {
        guard let generation else { return nil }
        let files = listing.files
        var place = files.firstIndex { $0.identity == generation }
        if place == nil, let proof, proof.position > 0 {
            for index in files.indices.reversed() where place == nil && files[index].isCompressed {
                if try holds(files[index], proof) { place = index }
            }
        }
        let following: [RotatedFile]
        if let place {
            following = Array(files[(place + 1)...])
        } else if let path, FileIdentity(ofFile: path) == generation, let written = modificationTime(path) {
            // Its name says nothing about its age.
            following = files.filter { $0.candidate.written >= written }
        } else {
            return nil
        }
        try RotatedFiles.checkTimes(following.map(\.candidate))
        return following
    }

    /// Whether a file begins with what was read.
    func holds(_ file: RotatedFile, _ proof: ContentProof) throws(RunError) -> Bool {
        try holds(file, end: proof.position, hash: proof.hash)
    }

    func holds(_ file: RotatedFile, end: Int, hash: Int64) throws(RunError) -> Bool {
        try proof(of: file.opened, at: end)?.hash == hash
    }

    /// The proof of all that a file contains, unless it cannot be read to its end.
    func whole(_ file: RotatedFile) throws(RunError) -> ContentProof? { try proof(of: file.opened, at: nil) }
}
