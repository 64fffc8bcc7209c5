import StreamEngine
import System

/// Notices that a followed file was truncated, and finds the copy of what it contained.
extension FollowSource {
    /// The first generation whose file no longer contains what was read of it.
    func truncatedPlace(_ file: FollowedFile) throws(RunError) -> Int? {
        do throws(ReadError) {
            for (place, generation) in file.generations.enumerated() {
                guard !generation.content.isCompressed else { continue }
                guard generation.content.knownSize >= max(generation.content.position, generation.held.position),
                    try generation.content.isIntact
                else { return place }
            }
        } catch {
            throw error.ending(file.name)
        }
        return nil
    }

    /// Reads the rest of a truncated generation from its copy, if there is one, then the file from its start.
    mutating func goOn(
        _ file: FollowedFile, afterTruncationOf place: Int, _ now: Int64
    ) throws(RunError) {
        let generation = file.generations[place]
        if let proof = proof(of: generation, file), try isPending(proof, in: file, before: place) {
            // Its copy was there before it was truncated.
            return try restart(file, place, now)
        }
        guard let listing = input.finder.listing(of: file.name) else {
            due.insert(file.partition)
            return
        }
        input.noteTruncation()
        let copies = try copies(of: generation, file, listing)
        let again = try again(generation, of: file)
        // It may have been truncated more than once, or rotated since.
        let after = copies.dropFirst()
        let places = try self.places(of: again, in: after, listing)
        let before = after.prefix(places.lowerBound)
        let next = try insert(Array(before), into: file, at: place + 1, now)
        try insert(again, into: file, at: next, isNamed: generation.isNamed && before.count == after.count, now)
        _ = try insert(Array(after.dropFirst(places.upperBound)), into: file, at: next + 1, now)
        var handled = file.handled ?? HandledFiles()
        handled.add(listing.files.filter(file.hasHandled) + copies)
        file.handled = handled
        if let copy = copies.first {
            input.report(
                "\(file.name): truncated after byte \(generation.content.position); the rest is read from \(copy.path)")
            do throws(ReadError) {
                try generation.move(to: try copy.opened.again(), checksMembers: input.isJob)
            } catch {
                throw error.ending(copy.path)
            }
            generation.lastGrowth = now
            return
        }
        // More was read than a copy that was made before the last lines were written.
        if let proof = proof(of: generation, file) {
            let shorter = try shorterCopies(of: proof, file, listing)
            file.handled?.add(shorter)
        }
        if file.replayEnd != nil, !file.isAtReplayEnd { try input.skipReplay(of: file.name) }
        options.warn(
            "\(file.name): truncated; what was written after byte \(generation.content.position), if anything, is lost"
        )
        file.generations.remove(at: place)
        guard place == 0 else { return }
        input.log.end(
            generation.number, partition: file.partition, at: file.position.position, hash: file.proof?.hash ?? 0)
        beginNext(file)
    }

    /// Whether a generation that waits before this one has its content.
    private func isPending(
        _ proof: ContentProof, in file: FollowedFile, before place: Int
    ) throws(RunError) -> Bool {
        guard proof.position > 0 else { return false }
        for other in file.generations[..<place] where other.content.position == 0 && !other.content.isCompressed {
            let same: ContentProof?
            do throws(ReadError) {
                same = try ContentProof(other.content.file, proof.position)
            } catch {
                throw error.ending(other.path)
            }
            if same?.hash == proof.hash { return true }
        }
        return false
    }

    /// Reads a truncated file from its start.
    private mutating func restart(_ file: FollowedFile, _ place: Int, _ now: Int64) throws(RunError) {
        let generation = file.generations[place]
        try insert(try again(generation, of: file), into: file, at: place + 1, isNamed: generation.isNamed, now)
        file.generations.remove(at: place)
        input.log.remove(generation.number, partition: file.partition)
    }

    /// The copy of what was read, and those that were made after it.
    private func copies(
        of generation: Generation, _ file: FollowedFile, _ listing: RotatedListing
    ) throws(RunError) -> [RotatedFile] {
        guard let proof = proof(of: generation, file) else { return [] }
        // With so few bytes, files that were there before may begin alike.
        let isWeak = proof.position < PositionHash.reach
        let followed = file
        let known = file.identities.union(file.retired.map(\.identity))
        let isNew = { (file: RotatedFile) in !known.contains(file.identity) && !followed.hasHandled(file) }
        // Of the plain ones that have come since the last listing, the others are of what was in it later. A compressed one
        // may be older.
        var place = try input.finder.copy(of: proof, in: listing, isOldest: file.handled != nil) { file in
            !file.isCompressed && isNew(file)
        }
        if place == nil {
            let compressed = try compressedGenerations(in: listing, of: file, besides: generation)
            place = try input.finder.copy(of: proof, in: listing, isOldest: false) { file in
                file.isCompressed && isNew(file) && !compressed.contains(file.identity)
            }
        }
        if place == nil, !isWeak {
            place = try input.finder.copy(of: proof, in: listing, isOldest: false) { !known.contains($0.identity) }
        }
        guard let place else { return [] }
        let copies = listing.files[place...]
        try RotatedFiles.checkTimes(copies.map(\.candidate))
        return [copies[place]] + input.finder.withoutCopies(copies.dropFirst(), of: listing.named)
    }

    /// Compressed files with the content of other generations. What was seen of one may be so little that others begin alike.
    private func compressedGenerations(
        in listing: RotatedListing, of file: FollowedFile, besides generation: Generation
    ) throws(RunError) -> Set<FileIdentity> {
        let proofs = known(of: file).filter { $0.identity != generation.identity && $0.proof.isDistinctive }
        var found: Set<FileIdentity> = []
        for rotated in listing.files where rotated.isCompressed {
            for (_, proof) in proofs {
                if try input.finder.holds(rotated, proof) { found.insert(rotated.identity) }
            }
        }
        return found
    }

    /// New files with less of what was read.
    private func shorterCopies(
        of proof: ContentProof, _ file: FollowedFile, _ listing: RotatedListing
    ) throws(RunError) -> [RotatedFile] {
        var found: [RotatedFile] = []
        for rotated in listing.files where !file.hasHandled(rotated) {
            let isShorter =
                if rotated.isCompressed {
                    try input.finder.whole(rotated).map(proof.mayExtend) ?? false
                } else {
                    // Programs do not write to copies. Asked first: what one writes before it closes the file is compared.
                    rotated.opened.descriptor.hasWriter != true && proof.mayExtend(rotated.opened.descriptor)
                }
            if isShorter { found.append(rotated) }
        }
        return found
    }

    /// The file of a generation, to be read from its start.
    func again(_ generation: Generation, of file: FollowedFile) throws(RunError) -> OpenedFile {
        do throws(FileError) { return try OpenedFile(generation) } catch {
            throw .noInput("\(file.name): \(error.reason)")
        }
    }

    /// Where an open file is among others, or between which of them it was: after all if the name refers to it.
    private func places(
        of file: borrowing OpenedFile, in files: ArraySlice<RotatedFile>, _ listing: RotatedListing
    ) throws(RunError) -> Range<Int> {
        if listing.current == file.identity { return files.count..<files.count }
        var start: ContentProof?
        do throws(ReadError) {
            start = try ContentProof(file.descriptor, file.descriptor.size ?? 0)
        } catch {
            throw error.ending(file.path)
        }
        for (number, other) in files.enumerated() {
            if other.identity == file.identity { return number..<number + 1 }
            // It may have been compressed.
            if let start, start.position > 0, other.isCompressed, try input.finder.holds(other, start) {
                return number..<number + 1
            }
        }
        // It was removed: its copies were made before it was last written, the files after it were written later.
        guard let written = file.descriptor.changeTime else { return files.count..<files.count }
        let count = files.prefix { $0.candidate.written < written }.count
        return count..<count
    }

    /// What is known of all generations.
    func known(of file: FollowedFile) -> [(identity: FileIdentity, proof: ContentProof)] {
        file.generations.compactMap { generation in proof(of: generation, file).map { (generation.identity, $0) } }
            + file.retired.compactMap { retired in retired.proof.map { (retired.identity, $0) } }
    }

    /// What is known of a generation, by which it can be recognized elsewhere.
    func proof(of generation: Generation, _ file: FollowedFile) -> ContentProof? {
        guard generation === file.generations.first, let read = file.proof else { return generation.held }
        return read.position < generation.held.position ? generation.held : read
    }
}
