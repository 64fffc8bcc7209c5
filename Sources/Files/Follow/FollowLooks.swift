import StreamEngine
import System

/// Looks at followed files: what has been written, rotated, truncated, removed.
extension FollowSource {
    /// How long a file that was rotated away has to be quiet, microseconds: where the system cannot say whether a process
    /// may write to it, and where a process may, but perhaps has forgotten it.
    private static let quiet: (unknown: Int64, open: Int64) = (5_000_000, 60_000_000)
    /// Files that are open to be read at once, if descriptors are scarce.
    private static let mostReady = 64
    /// A file that was quiet for so long is closed.
    private static let closeAfter: Int64 = 300_000_000
    /// How often to look for rotated files while there is no file of the name.
    private static let listingInterval: Int64 = 1_000_000

    mutating func lookAtDue(_ now: Int64) throws(RunError) {
        markForPoll(now)
        guard !due.isEmpty else { return }
        // A file that has something to read stays open until it was read.
        let mostReady = max(1, min(Self.mostReady, input.mostOpenFiles / 2))
        guard !savesDescriptors || readyCount < mostReady else { return }
        let indexes = savesDescriptors ? Array(due.prefix(mostReady)) : due.sorted()
        due.subtract(indexes)
        for index in indexes { try look(at: files[index], now) }
    }

    private mutating func look(at file: FollowedFile, _ now: Int64) throws(RunError) {
        file.lastLook = now
        if let generation = file.generations.first, !generation.content.isOpen {
            if isUnchanged(file, generation) { return }
            try reopen(generation, of: file)
        }
        let wasUnknown = file.isUnknown
        for generation in file.generations where !generation.content.isCompressed {
            if generation.content.look() { generation.lastGrowth = now }
            generation.written = generation.content.file.changeTime
        }
        let truncated: Int?
        do throws(ReadError) { truncated = try truncatedPlace(file) } catch { throw error.ending(file.name) }
        if let truncated { try goOn(file, afterTruncationOf: truncated, now) }
        do throws(ReadError) {
            for generation in file.generations { try generation.hold() }
        } catch {
            throw error.ending(file.name)
        }
        if wasUnknown, file.needsListing || !file.isUnknown { try insertCopies(into: file, now) }
        try lookAtName(of: file, now)
        closeIfDone(file, now)
        watchRetired(of: file, now)
        file.isReady = file.generations.first?.content.hasMore ?? false
        closeIfQuiet(file, now)
        if file.isUnknown { unknown.insert(file.partition) } else { unknown.remove(file.partition) }
        if file.isInTransition { inTransition.insert(file.partition) } else { inTransition.remove(file.partition) }
        note(file)
    }

    // MARK: - Closed files

    /// Closes a file of which everything was read, if it has been quiet for long or descriptors are scarce.
    mutating func closeIfQuiet(_ file: FollowedFile, _ now: Int64) {
        guard file.generations.count == 1, let generation = file.generations.first, file.hasStarted,
            generation.content.isOpen, !generation.content.isCompressed, generation.content.isAtEnd, !isReplaying,
            file.proof != nil, savesDescriptors || now - file.lastActivity >= Self.closeAfter
        else { return }
        generation.closedAt = FileChange(ofFile: file.name)
        // What it stands for now may be another file; the next look tells.
        guard generation.closedAt?.identity == generation.identity else { return }
        generation.content.close()
    }

    private func isUnchanged(_ file: FollowedFile, _ generation: Generation) -> Bool {
        generation.closedAt == FileChange(ofFile: file.name)
    }

    /// Opens a file again, wherever it is now.
    private func reopen(_ generation: Generation, of file: FollowedFile) throws(RunError) {
        let mark = InodeMark(
            inode: Int64(bitPattern: generation.identity.inode), inodeGeneration: generation.inodeGeneration)
        do throws(FileError) {
            let opened = try OpenedFile(generation.path, decompresses: input.decompresses)
            if InodeMark(opened) == mark {
                generation.content.open(opened.takeDescriptor())
                return
            }
        } catch {
            guard [.missing, .stale, .notRegular].contains(error) else {
                throw .noInput("\(generation.path): \(error.reason)")
            }
        }
        var wanted = GenerationCheckpoint()
        wanted.path = generation.path
        wanted.inode = mark.inode
        wanted.inodeGeneration = mark.inodeGeneration
        wanted.end = file.proof?.position ?? 0
        wanted.hash = file.proof?.hash ?? 0
        if let found = try input.finder.find(wanted, of: file.name) {
            do throws(ReadError) {
                try generation.move(to: found.takeFile(), checksMembers: input.isJob)
            } catch {
                throw error.ending(file.name)
            }
            return
        }
        // It was removed while it was closed; what the name stands for now comes after it.
        options.warn("\(file.name): removed while it was quiet; what was written to it since is lost")
        file.generations.removeFirst()
        file.hasStarted = false
    }

    // MARK: - Truncation

    /// The first generation whose file no longer contains what was read of it.
    private func truncatedPlace(_ file: FollowedFile) throws(ReadError) -> Int? {
        for (place, generation) in file.generations.enumerated() {
            guard !generation.content.isCompressed, generation.content.limit == nil else { continue }
            let (content, held) = (generation.content.position, generation.held)
            if place == 0, try !holds(generation.content, tail(of: file), before: content) { return place }
            // Of what has not been read, the first bytes are known.
            if held.position > content, try !holds(generation.content, held.tail, before: held.position) {
                return place
            }
        }
        return nil
    }

    /// The last bytes that were read, also those of an incomplete line; nil if they were dropped.
    private func tail(of file: FollowedFile) -> [UInt8]? {
        guard file.hasStarted, let generation = file.generations.first, let proof = file.proof,
            proof.position + file.lines.pending.count == generation.content.position
        else { return nil }
        return Array((proof.tail + file.lines.pending).suffix(PositionHash.reach))
    }

    private func holds(
        _ content: borrowing FollowedContent, _ tail: [UInt8]?, before position: Int
    ) throws(ReadError) -> Bool {
        guard content.knownSize >= position else { return false }
        guard let tail, !tail.isEmpty else { return true }
        return try content.file.bytes(at: position - tail.count, count: tail.count) == tail
    }

    /// Reads the rest of a truncated generation from its copy, if there is one, then the file from its start.
    private mutating func goOn(
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
        let copies = try copies(of: proof(of: generation, file), file, listing)
        let again: OpenedFile
        do throws(FileError) {
            again = try OpenedFile(generation)
        } catch {
            throw .noInput("\(file.name): \(error.reason)")
        }
        // It may have been truncated more than once, or rotated since.
        let after = copies.dropFirst()
        let before = after.prefix(try self.place(of: again, in: after))
        let next = try insert(Array(before), into: file, at: place + 1, now)
        try insert(again, into: file, at: next, isNamed: generation.isNamed && before.count == after.count, now)
        _ = try insert(Array(after.dropFirst(before.count + 1)), into: file, at: next + 1, now)
        file.handled = (file.handled ?? []).union(listing.files.filter(file.hasHandled).map(\.mark)).union(
            copies.map(\.mark))
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
        let again: OpenedFile
        do throws(FileError) {
            again = try OpenedFile(generation)
        } catch {
            throw .noInput("\(file.name): \(error.reason)")
        }
        try insert(again, into: file, at: place + 1, isNamed: generation.isNamed, now)
        file.generations.remove(at: place)
    }

    /// The copy of what was read, and those that were made after it.
    private func copies(
        of proof: ContentProof?, _ file: FollowedFile, _ listing: RotatedListing
    ) throws(RunError) -> [RotatedFile] {
        guard let proof else { return [] }
        // With so few bytes, files that were there before may begin alike.
        let isWeak = proof.position < PositionHash.reach
        let followed = file
        let known = file.identities.union(file.retired.map(\.identity))
        var place = try input.finder.copy(of: proof, in: listing) { file in
            !known.contains(file.identity) && !followed.hasHandled(file)
        }
        if place == nil, !isWeak {
            place = try input.finder.copy(of: proof, in: listing) { !known.contains($0.identity) }
        }
        guard let place else { return [] }
        let copies = listing.files[place...]
        try RotatedFiles.checkTimes(copies.map(\.candidate))
        return [copies[place]] + copies.dropFirst().filter { !isBeingCopied($0, file) }
    }

    /// Whether the file is a copy of what the name stands for, which will be truncated.
    private func isBeingCopied(_ copy: RotatedFile, _ file: FollowedFile) -> Bool {
        guard let current = input.finder.open(file.name) else { return false }
        return copy.opened.isCopy(of: current)
    }

    /// The number of files before the one that is, or contains, an open file; all of them if none does.
    private func place(of file: borrowing OpenedFile, in files: ArraySlice<RotatedFile>) throws(RunError) -> Int {
        var start: ContentProof?
        do throws(ReadError) {
            start = try ContentProof(file.descriptor, min(file.descriptor.size ?? 0, PositionHash.reach))
        } catch {
            throw error.ending(file.path)
        }
        for (number, other) in files.enumerated() {
            if other.identity == file.identity { return number }
            // It may have been compressed.
            if let start, start.position > 0, other.isCompressed, try input.finder.holds(other, start) { return number }
        }
        return files.count
    }

    /// What is known of all generations.
    private func known(of file: FollowedFile) -> [ContentProof] {
        file.generations.compactMap { proof(of: $0, file) } + file.retired.compactMap(\.proof)
    }

    /// What is known of a generation, by which it can be recognized elsewhere.
    private func proof(of generation: Generation, _ file: FollowedFile) -> ContentProof? {
        guard generation === file.generations.first, let read = file.proof else { return generation.held }
        return read.position < generation.held.position ? generation.held : read
    }

    // MARK: - Rotation

    /// Sees what the name stands for now.
    private mutating func lookAtName(of file: FollowedFile, _ now: Int64) throws(RunError) {
        let identity = FileIdentity(ofFile: file.name)
        if let identity, file.generations.last?.identity == identity {
            file.isMissing = false
            file.generations.last?.isNamed = true
            return
        }
        if identity == nil {
            file.generations.last?.isNamed = false
            if !file.isMissing, !file.generations.isEmpty {
                input.report("\(file.name): removed or renamed; waiting for a new file of this name")
            }
            file.isMissing = true
            // It may have stood for other files in between.
            guard now >= file.nextListing else { return }
            file.nextListing = now + Self.listingInterval
        }
        // An older file has its name back; what came after it is read as it is.
        guard !file.generations.contains(where: { $0.identity == identity }) else { return }
        guard let listing = input.finder.listing(of: file.name) else {
            due.insert(file.partition)
            return
        }
        guard listing.current != nil else {
            _ = try insertMissed(into: file, listing, now)
            return
        }
        guard let opened = input.finder.open(file.name), opened.identity == listing.current else {
            // It was rotated once more, or cannot be read; the next look tells.
            due.insert(file.partition)
            try checkReadable(file)
            return
        }
        file.isMissing = false
        for generation in file.generations { generation.isNamed = false }
        let next = try insertMissed(into: file, listing, now)
        guard !file.identities.contains(opened.identity) else { return }
        try insert(opened, into: file, at: next, isNamed: true, now)
        addPlaces(of: file)
    }

    /// Adds the files that the name stood for between two looks.
    ///
    /// - Returns: the place after them.
    private mutating func insertMissed(
        into file: FollowedFile, _ listing: RotatedListing, _ now: Int64
    ) throws(RunError) -> Int {
        let all = listing.files.filter { !isBeingCopied($0, file) }
        let new = all.filter { !file.hasHandled($0) }
        file.handled = Set(all.map(\.mark))
        let listed = file.listed
        file.listed = wallClock()
        guard !new.isEmpty else { return file.generations.count }
        let (newest, retired) = (file.generations.last, file.retired.last)
        let between = try input.finder.after(
            newest?.identity ?? retired?.identity, newest?.path ?? retired?.path,
            newest.flatMap { proof(of: $0, file) }, in: listing)
        // If the newest generation was removed, all files that were not there at the last look came after it. One that was
        // compressed since keeps the time of its last write.
        let marks = Set(between?.map(\.mark) ?? [])
        let missed = new.filter {
            between == nil
                ? !$0.isCompressed || $0.candidate.written > listed - FollowedFile.tick : marks.contains($0.mark)
        }
        let known = known(of: file)
        var unknown: [RotatedFile] = []
        for rotated in missed where try !isKnown(rotated, known, file) { unknown.append(rotated) }
        return try insert(unknown, into: file, at: file.generations.count, now)
    }

    /// Adds copies of what was in the newest generation before anything of it was seen.
    private mutating func insertCopies(into file: FollowedFile, _ now: Int64) throws(RunError) {
        file.needsListing = false
        guard let newest = file.generations.last, newest.identity == FileIdentity(ofFile: file.name),
            let listing = input.finder.listing(of: file.name)
        else { return }
        let new = listing.files.filter { !file.hasHandled($0) && !isBeingCopied($0, file) }
        guard !new.isEmpty else { return }
        let known = known(of: file)
        var missed: [RotatedFile] = []
        for rotated in new where try !isKnown(rotated, known, file) { missed.append(rotated) }
        file.handled = Set(listing.files.filter(file.hasHandled).map(\.mark)).union(new.map(\.mark))
        guard !missed.isEmpty else { return }
        // They come before it.
        let place = file.generations.count - 1
        file.generations.removeLast()
        let next = try insert(missed, into: file, at: place, now)
        let again: OpenedFile
        do throws(FileError) {
            again = try OpenedFile(newest)
        } catch {
            throw .noInput("\(file.name): \(error.reason)")
        }
        if next > place { file.hasStarted = file.hasStarted && place > 0 }
        try insert(again, into: file, at: next, isNamed: newest.isNamed, now)
    }

    /// Whether a rotated file has the content of a generation, as a copy of it or compressed.
    private func isKnown(
        _ rotated: RotatedFile, _ known: [ContentProof], _ file: FollowedFile
    ) throws(RunError) -> Bool {
        guard rotated.isCompressed else {
            return file.generations.contains { !$0.content.isCompressed && rotated.opened.isCopy(of: $0.content.file) }
                || file.retired.contains { rotated.opened.isCopy(of: $0.descriptor) }
        }
        for proof in known where proof.position > 0 {
            if try input.finder.holds(rotated, proof) { return true }
        }
        return false
    }

    /// - Throws: if a file that exists cannot be read for a reason that stays.
    private func checkReadable(_ file: FollowedFile) throws(RunError) {
        do throws(FileError) {
            _ = try OpenedFile(file.name, decompresses: false)
        } catch {
            guard ![FileError.missing, .stale].contains(error) else { return }
            throw .noInput("\(file.name): \(error.reason)")
        }
    }

    /// Adds files that are not open yet as generations.
    ///
    /// - Returns: the place after them.
    private mutating func insert(
        _ rotated: [RotatedFile], into file: FollowedFile, at place: Int, _ now: Int64
    ) throws(RunError) -> Int {
        var next = place
        for rotated in rotated
        where !file.identities.contains(rotated.identity)
            && !file.retired.contains(where: { $0.identity == rotated.identity })
        {
            let opened: OpenedFile
            do throws(ReadError) { opened = try rotated.opened.again() } catch { throw error.ending(rotated.path) }
            try insert(opened, into: file, at: next, isNamed: false, now)
            next += 1
        }
        return next
    }

    /// Adds a generation, before those with higher numbers.
    private mutating func insert(
        _ opened: consuming OpenedFile, into file: FollowedFile, at place: Int, isNamed: Bool, _ now: Int64
    ) throws(RunError) {
        let path = opened.path
        do throws(ReadError) {
            let generation = try Generation(
                input.log.nextNumber(), opened, isNamed: isNamed, checksMembers: input.isJob, now: now)
            try generation.hold()
            input.log.add(generation, partition: file.partition)
            file.generations.insert(generation, at: place)
        } catch {
            throw error.ending(path)
        }
        if file.generations.count == 1 { beginNext(file) }
    }

    /// Ends the first generation if the name stands for another file, and no more will be written to it.
    private func closeIfDone(_ file: FollowedFile, _ now: Int64) {
        guard file.generations.count > 1, let generation = file.generations.first, !generation.isNamed,
            generation.content.limit == nil, generation.content.isAtEnd
        else { return }
        if !generation.content.isCompressed {
            let quiet: Int64 =
                switch generation.content.file.hasWriter {
                case false: 0
                case true: Self.quiet.open
                default: Self.quiet.unknown
                }
            guard now - generation.lastGrowth >= quiet, !generation.content.look(), generation.content.isAtEnd else {
                return
            }
        }
        generation.content.limit = generation.content.position
    }

    /// Reports what is written to files that were read to their end.
    private func watchRetired(of file: FollowedFile, _ now: Int64) {
        file.retired.removeAll { retired in
            if retired.growth > 0 {
                options.warn(
                    "\(retired.descriptor.currentPath ?? retired.path): \(retired.growth) bytes were written after it was rotated and read; they are not counted"
                )
            }
            return retired.growth > 0 || now >= retired.end
        }
    }
}
