import StreamEngine
import System

/// Notices that a followed name refers to another file, and finds what came in between.
extension FollowSource {
    /// Sees what the name refers to now.
    mutating func lookAtName(of file: FollowedFile, _ now: Int64) throws(RunError) {
        let identity = FileIdentity(ofFile: file.name)
        if let identity, file.generations.last?.identity == identity {
            file.isMissing = false
            file.generations.last?.isNamed = true
            return
        }
        if identity == nil {
            for generation in file.generations { generation.isNamed = false }
            if !file.isMissing, !file.generations.isEmpty {
                input.report("\(file.name): removed or renamed; waiting for a new file of this name")
            }
            file.isMissing = true
            // It may have referred to other files in between.
            guard now >= file.nextListing else { return }
            file.nextListing = now + Self.listingInterval
        }
        // An older file has its name back; what came after it is read as it is.
        guard !file.generations.contains(where: { $0.identity == identity }) else { return }
        // Files that came before the newest one cannot be told later from those after it.
        guard try hasListedCopies(of: file, now) else {
            due.insert(file.partition)
            return
        }
        guard let listing = input.finder.listing(of: file.name) else {
            due.insert(file.partition)
            return
        }
        guard listing.current != nil else {
            _ = try insertMissed(into: file, listing, now)
            return
        }
        guard let named = listing.named else {
            // It was removed or cannot be read; the next look tells.
            due.insert(file.partition)
            try checkReadable(file)
            return
        }
        guard let next = try insertMissed(into: file, listing, now) else { return }
        file.isMissing = false
        for generation in file.generations where generation.identity != named.identity { generation.isNamed = false }
        guard !file.identities.contains(named.identity) else { return }
        try insert(try named.again(), into: file, at: next, isNamed: true, now)
        addPlaces(of: file)
    }

    /// Adds the files that the name referred to between two looks.
    ///
    /// - Returns: the place after them; nil if a file was truncated since the look began.
    private mutating func insertMissed(
        into file: FollowedFile, _ listing: RotatedListing, _ now: Int64
    ) throws(RunError) -> Int? {
        let all = input.finder.withoutCopies(listing.files, of: listing.named)
        let new = all.filter { !file.hasHandled($0) }
        let (newest, retired) = (file.generations.last, file.retired.last)
        let between = try input.finder.after(
            newest?.identity ?? retired?.identity, newest?.path ?? retired?.path,
            newest.flatMap { proof(of: $0, file) }, in: listing)
        // If the newest generation was removed, all files that were not there at the last look came after it.
        let missed = try those(of: new, in: between, file, listing)
        let unknown = try unknown(missed, of: file, listing)
        guard try areIntact(file) else { return nil }
        file.handled = HandledFiles(all)
        file.listed = listing.began
        return try insert(unknown, into: file, at: file.generations.count, now)
    }

    /// Adds copies of what was in the newest generation before anything of it was seen.
    mutating func insertCopies(into file: FollowedFile, _ now: Int64) throws(RunError) {
        file.needsListing = false
        guard let newest = file.generations.last else { return }
        guard let listing = input.finder.listing(of: file.name) else { return lookAgain(at: newest, of: file) }
        // It may have been rotated away, too. If it was removed, its copies were made before it was last written.
        let isThere = listing.current == newest.identity || listing.files.contains { $0.identity == newest.identity }
        let older = listing.files.prefix {
            isThere ? $0.identity != newest.identity : $0.candidate.written < newest.written ?? Int64.min
        }
        let new = input.finder.withoutCopies(older.filter { !file.hasHandled($0) }, of: listing.named)
        guard !new.isEmpty else { return }
        // They come after the generation before.
        let before = file.generations.dropLast().last
        let retired = file.retired.last
        let later = try input.finder.after(
            before?.identity ?? retired?.identity, before?.path ?? retired?.path,
            before.flatMap { proof(of: $0, file) } ?? retired?.proof, in: listing)
        let between = try those(of: new, in: later, file, listing)
        let missed = try unknown(between, of: file, listing)
        // What was seen may be the content after others, of which there are copies, too.
        guard try areIntact(file) else { return lookAgain(at: newest, of: file) }
        let handled = listing.files.filter(file.hasHandled) + between
        file.handled = file.handled ?? HandledFiles()
        file.handled?.replace(with: handled, in: listing)
        guard !missed.isEmpty else { return }
        // They come before it.
        let place = file.generations.count - 1
        file.generations.removeLast()
        input.log.remove(newest.number, partition: file.partition)
        let next = try insert(missed, into: file, at: place, now)
        if next > place { file.hasStarted = file.hasStarted && place > 0 }
        try insert(try again(newest, of: file), into: file, at: next, isNamed: newest.isNamed, now)
    }

    /// Lists the copies of the newest generation if nothing is known of it, and the name refers to another file.
    ///
    /// - Returns: false if its file was changed meanwhile.
    private mutating func hasListedCopies(of file: FollowedFile, _ now: Int64) throws(RunError) -> Bool {
        guard file.isUnknown, let newest = file.generations.last else { return true }
        _ = newest.content.look()
        file.needsListing = true
        try hold(file, now)
        return !file.needsListing && (newest.content.knownSize == 0 || !newest.isUnknown)
    }

    /// Forgets what was seen of a generation, so that the next look lists its copies.
    private mutating func lookAgain(at generation: Generation, of file: FollowedFile) {
        generation.forget()
        rotatedFolders.forget()
        input.log.see(generation.held, of: generation.number, partition: file.partition)
        file.needsListing = true
        due.insert(file.partition)
    }

    /// Those of new files that came after a generation; if nothing says which did, all but those that were there before and
    /// have been compressed since.
    private func those(
        of new: [RotatedFile], in later: [RotatedFile]?, _ file: FollowedFile, _ listing: RotatedListing
    ) throws(RunError) -> [RotatedFile] {
        if let later {
            let marks = Set(later.map(\.mark))
            return new.filter { marks.contains($0.mark) }
        }
        var found: [RotatedFile] = []
        for rotated in new {
            if rotated.isCompressed, try file.hasHandled(compressed: rotated, input.finder, in: listing) { continue }
            found.append(rotated)
        }
        return found
    }

    /// Whether the name refers to the newest generation.
    func hasNewest(_ file: FollowedFile) -> Bool { file.generations.last?.identity == FileIdentity(ofFile: file.name) }

    /// Whether nothing was truncated since the look began: until then, a copy in a listing cannot be told from a file that
    /// came later. If it was, the next look follows at once.
    private mutating func areIntact(_ file: FollowedFile) throws(RunError) -> Bool {
        guard try truncatedPlace(file) != nil else { return true }
        due.insert(file.partition)
        return false
    }

    /// Those that have the content of no generation.
    private func unknown(
        _ files: [RotatedFile], of file: FollowedFile, _ listing: RotatedListing
    ) throws(RunError) -> [RotatedFile] {
        // Less than a line of a file that is there may be the start of any other.
        let there = Set(listing.files.map(\.identity) + [listing.current].compactMap(\.self))
        let known = known(of: file).filter { $0.proof.isDistinctive || !there.contains($0.identity) }.map(\.proof)
        var unknown: [RotatedFile] = []
        for rotated in files where try !isKnown(rotated, known, file) { unknown.append(rotated) }
        return unknown
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
        // A program may have written to the file before anything of it was seen, or after it was compressed.
        guard let whole = try input.finder.whole(rotated) else { return false }
        // Nothing will be written to it any more, and nothing says which generation it came after.
        guard whole.position > 0 else { return true }
        return file.generations.contains {
            !$0.content.isCompressed && $0.content.isOpen && whole.isStart(of: $0.content.file)
        } || file.retired.contains { whole.isStart(of: $0.descriptor) }
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
    mutating func insert(
        _ rotated: [RotatedFile], into file: FollowedFile, at place: Int, _ now: Int64
    ) throws(RunError) -> Int {
        var next = place
        for rotated in rotated
        where !file.identities.contains(rotated.identity)
            && !file.retired.contains(where: { $0.identity == rotated.identity })
        {
            try insert(try rotated.again(), into: file, at: next, isNamed: false, now)
            next += 1
        }
        return next
    }

    /// Adds a generation, of which nothing is remembered before `hold`.
    mutating func insert(
        _ opened: consuming OpenedFile, into file: FollowedFile, at place: Int, isNamed: Bool, _ now: Int64
    ) throws(RunError) {
        let path = opened.path
        do throws(ReadError) {
            let generation = try Generation(
                input.log.nextNumber(), opened, isNamed: isNamed, checksMembers: input.isJob, now: now)
            input.log.add(generation, partition: file.partition)
            file.generations.insert(generation, at: place)
        } catch {
            throw error.ending(path)
        }
        // Positions grow with numbers. Of those after it, nothing was read.
        for later in file.generations[(place + 1)...] where file.replayEnd.map({ later.number > $0.input }) ?? true {
            input.log.renumber(later, partition: file.partition)
        }
        if file.generations.count == 1 { beginNext(file) }
    }
}
