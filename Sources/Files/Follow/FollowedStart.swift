import Plan
import StreamEngine
import System

/// Where a run starts to read a followed name.
struct FollowedStart {
    let name: String
    private(set) var checkpoint = PartitionCheckpoint()
    /// The one to read first, and those after it.
    private(set) var generations: [Generation] = []
    /// What was read of the first one.
    private(set) var proof: ContentProof? = ContentProof()
    /// See `FollowedFile.handled`.
    private(set) var handled: HandledFiles?
    /// Generations that were seen, and that are not found any more.
    private var gaps: [FollowGap] = []
    /// When the files were first looked at, microseconds since 1970.
    let began = wallClock()
    private let partition: Int
    private let input: FollowInput
    private let now: Int64

    /// A name that is followed for the first time.
    ///
    /// - Parameters:
    ///   - atEnd: whether what is there already is skipped.
    ///   - lists: whether to list the files that are there already. With many names, the times of files must do.
    init(
        _ name: String, partition: Int, _ input: FollowInput, atEnd: Bool, lists: Bool, _ now: Int64
    ) throws(RunError) {
        self.name = name
        self.partition = partition
        self.input = input
        self.now = now
        let listing = lists ? input.finder.listing(of: name) : nil
        note(listing)
        let number = input.log.nextNumber()
        input.log.setName(name, of: number)
        checkpoint.committedChecksum.name = name
        var position = 0
        if let file = try listing?.named?.again() ?? input.finder.open(name) {
            do throws(ReadError) { if atEnd { position = try Self.lastRecordEnd(file) } } catch {
                throw error.ending(name)
            }
            try append(file, number: number, at: position, limit: nil, isNamed: true)
        }
        checkpoint.committed = InputPosition(input: number, position: position)
        checkpoint.committedChecksum.hash = proof?.hash ?? 0
        checkpoint.restart = checkpoint.committed
        checkpoint.restartState.input = number
    }

    /// A name that an earlier run of the job has followed.
    ///
    /// - Throws: `noInput` if what it has read, and what came after that, is not found again.
    init(
        resuming stored: PartitionCheckpoint, partition: Int, _ input: FollowInput, _ onGap: FollowedFiles.GapPolicy,
        _ warn: (String) -> Void, lists: Bool, _ now: Int64
    ) throws(RunError) {
        name = stored.committedChecksum.name
        checkpoint = stored
        self.partition = partition
        self.input = input
        self.now = now
        note(lists ? input.finder.listing(of: name) : nil)
        let gap = try locate(stored)
        for gap in gaps + [gap].compactMap(\.self) {
            let text = "\(name): \(gap.text(lookedAt: places))"
            guard onGap == .skip else { throw .noInput("\(text); --on-gap skip goes on without it") }
            warn("\(text); going on without it (--on-gap skip)")
        }
        if gap != nil { try skipGap(stored) }
    }

    /// Where reading starts; after the restart position if the generation of that one has nothing more.
    var position: InputPosition {
        guard let first = generations.first, first.number > checkpoint.restart.input else { return checkpoint.restart }
        return InputPosition(input: first.number, position: 0)
    }

    /// Notes the files that are there already, except copies of what the name refers to, which will be truncated.
    private mutating func note(_ listing: RotatedListing?) {
        guard let listing else { return }
        handled = HandledFiles(input.finder.withoutCopies(listing.files, of: listing.named))
    }

    /// Gives the descriptor back until the file is read, unless it could not be found again by its name.
    func close() {
        guard generations.count == 1, let generation = generations.first, generation.isNamed,
            !generation.content.isCompressed
        else { return }
        generation.content.close()
    }

    /// The files that were rotated away, as messages name them.
    private var places: [String] { input.finder.rotated.candidates(of: name).map { splitPath($0.path).name } }

    // MARK: - Finding the generations of an earlier run

    /// Finds the generations from the restart position on, and those that came after them.
    private mutating func locate(_ stored: PartitionCheckpoint) throws(RunError) -> FollowGap? {
        let known = stored.generations
        let last = stored.committed.input
        // None if there was no file yet, or if only a copy was found in time of what was in it.
        let committed = known.last { $0.number == last }
        let isUnread = committed?.end ?? 0 == 0
        let twin = try committed.map { (committed) throws(RunError) in try weakTwin(of: committed, known) } ?? []
        var excluded: Set<FileIdentity> = []
        var anchor: Anchor?
        for wanted in known where wanted.end > 0 && wanted.number <= last {
            let start = wanted.number == stored.restart.input ? stored.restart.position : 0
            let isNeeded = wanted.number >= stored.restart.input && !(wanted.isComplete && start >= wanted.end)
            let isLast = wanted.number == last
            guard isNeeded || isLast || isUnread else {
                input.log.add(wanted, partition: partition)
                continue
            }
            let others = isLast ? excluded.union(twin) : excluded
            guard let found = try input.finder.find(wanted, of: name, excluding: others) else {
                if !isNeeded, hasLater(than: wanted, in: known, excluding: excluded) {
                    input.log.add(wanted, partition: partition)
                    continue
                }
                return .read(end: wanted.end, isOnlyForWindows: !isLast)
            }
            excluded.insert(found.file.identity)
            anchor = Anchor(identity: found.file.identity, path: found.file.path, proof: found.proof)
            if isNeeded {
                let proof = found.proof
                try append(
                    found.takeFile(), number: wanted.number, at: start, limit: wanted.isComplete ? wanted.end : nil,
                    ended: wanted.isComplete ? wanted : nil, proof: proof)
            } else {
                input.log.add(wanted, partition: partition)
            }
        }
        if anchor == nil { anchor = try appendUnread(known.filter { $0.end == 0 }) }
        try appendSeen(known.filter { $0.number >= last && $0.end == 0 && $0.seenEnd > 0 })
        try appendLater(anchor, number: generations.isEmpty && stored.committed.position == 0 ? last : nil)
        return nil
    }

    /// Adds the first generation of which nothing was read that is found: by what was seen of it, else by its inode, which
    /// it keeps if it was truncated since.
    private mutating func appendUnread(_ known: [GenerationCheckpoint]) throws(RunError) -> Anchor? {
        let unseen = known.map { (generation) in
            var unseen = generation
            (unseen.seenEnd, unseen.seenHash) = (0, 0)
            return unseen
        }
        for wanted in known + unseen {
            guard let found = try input.finder.find(wanted, of: name) else { continue }
            let anchor = Anchor(identity: found.file.identity, path: found.file.path, proof: found.proof)
            try append(found.takeFile(), number: wanted.number, at: 0, limit: nil)
            return anchor
        }
        return nil
    }

    /// Adds generations that were seen, and not read, if no listing finds them: their names say nothing about their age.
    private mutating func appendSeen(_ known: [GenerationCheckpoint]) throws(RunError) {
        guard !known.isEmpty, let listing = input.finder.listing(of: name) else { return }
        let listed = Set(listing.files.map(\.identity) + [listing.current].compactMap(\.self))
        for wanted in known {
            guard let found = try input.finder.find(wanted, of: name) else {
                gaps.append(.unread(wanted.path, seen: wanted.seenEnd))
                continue
            }
            // One that was compressed meanwhile has another identity, but will be listed.
            guard input.finder.isSame(found.file, wanted), !listed.contains(found.file.identity),
                !isKnown(found.file.identity)
            else { continue }
            try append(found.takeFile(), number: input.log.nextNumber(), at: 0, limit: nil)
        }
    }

    /// The last generation that was found.
    private struct Anchor {
        var identity: FileIdentity
        var path: String
        var proof: ContentProof
    }

    /// The file before, if so little of the committed generation was read that both may begin with the same bytes.
    private func weakTwin(
        of committed: GenerationCheckpoint, _ known: [GenerationCheckpoint]
    ) throws(RunError) -> Set<FileIdentity> {
        guard committed.end < PositionHash.reach, !committed.isComplete,
            let before = known.last(where: { $0.number < committed.number && $0.isComplete && $0.end > 0 }),
            let found = try input.finder.find(before, of: name), found.file.compression == nil,
            found.file.descriptor.size == before.end, found.proof.hash == before.hash
        else { return [] }
        return [found.file.identity]
    }

    /// Whether a later generation is there, so that what came after this one is known.
    private func hasLater(
        than generation: GenerationCheckpoint, in known: [GenerationCheckpoint], excluding: Set<FileIdentity>
    ) -> Bool {
        known.contains { later in
            later.number > generation.number
                && ((try? input.finder.find(later, of: name, excluding: excluding)) ?? nil) != nil
        }
    }

    /// Adds the files that came after a generation, and the one that the name refers to.
    ///
    /// - Parameter number: that of the first of them; nil for a new one.
    private mutating func appendLater(_ anchor: Anchor?, number: Int?) throws(RunError) {
        guard let anchor else { return try appendName(input.finder.open(name), number: number) }
        if let file = input.finder.open(name), file.identity == anchor.identity {
            return try appendName(file, number: number)
        }
        var number = number
        guard let listing = input.finder.listing(of: name) else { throw renamed }
        let later = try input.finder.after(anchor.identity, anchor.path, anchor.proof, in: listing) ?? []
        for rotated in input.finder.withoutCopies(later, of: listing.named) where !isKnown(rotated.identity) {
            try append(try rotated.again(), number: number ?? input.log.nextNumber(), at: 0, limit: nil)
            number = nil
        }
        // Its name may refer to another file by now. What is seen first of it is left to a look, which lists the copies of
        // what was in it before.
        try appendName(try listing.named?.again(), number: number, holds: false)
    }

    private var renamed: RunError {
        .noInput("\(name): rotated files are renamed all the time; start the job when they are at rest")
    }

    private func isKnown(_ identity: FileIdentity) -> Bool { generations.contains { $0.identity == identity } }

    /// Adds the file that the name refers to, unless it is there already.
    private mutating func appendName(
        _ file: consuming OpenedFile?, number: Int?, holds: Bool = true
    ) throws(RunError) {
        guard let file else { return }
        if let last = generations.last(where: { $0.identity == file.identity }) {
            last.isNamed = last.content.limit == nil
            if last.isNamed { return }
            // What was read of it has been truncated away.
        }
        try append(
            file, number: number ?? input.log.nextNumber(), at: 0, limit: nil, isNamed: true, holds: holds)
    }

    /// Starts after what is gone.
    private mutating func skipGap(_ stored: PartitionCheckpoint) throws(RunError) {
        generations = []
        checkpoint.restart = stored.committed
        if let committed = stored.generations.last(where: { $0.number == stored.committed.input }),
            let found = try input.finder.find(committed, of: name)
        {
            let anchor = Anchor(identity: found.file.identity, path: found.file.path, proof: found.proof)
            try append(
                found.takeFile(), number: committed.number, at: committed.end,
                limit: committed.isComplete ? committed.end : nil, ended: committed.isComplete ? committed : nil,
                proof: anchor.proof)
            try appendLater(anchor, number: nil)
        } else {
            try appendName(input.finder.open(name), number: nil)
        }
    }

    private mutating func append(
        _ file: consuming OpenedFile, number: Int, at position: Int, limit: Int?, isNamed: Bool = false,
        ended: GenerationCheckpoint? = nil, proof known: ContentProof? = nil, holds: Bool = true
    ) throws(RunError) {
        let path = file.path
        input.finder.betweenSteps()
        do throws(ReadError) {
            let isFirst = generations.isEmpty
            let start = known?.position == position ? known : isFirst ? try file.proof(at: position) : nil
            let generation = try Generation(
                number, file, at: position, limit: limit, isNamed: isNamed, checksMembers: input.isJob, now: now)
            if let known { generation.hold(known) }
            if holds { try generation.hold() }
            if isFirst { proof = start }
            generations.append(generation)
            input.log.add(generation, partition: partition, ended: ended)
        } catch {
            throw error.ending(path)
        }
    }

    /// The end of the last line that is complete.
    private static func lastRecordEnd(_ file: borrowing OpenedFile) throws(ReadError) -> Int {
        let block = 64 * 1024
        let newline = UInt8(ascii: "\n")
        guard let compression = file.compression else {
            var end = file.descriptor.size ?? 0
            while end > 0 {
                let start = max(0, end - block)
                let bytes = try file.descriptor.bytes(at: start, count: end - start)
                if let place = bytes.lastIndex(of: newline) { return start + place + 1 }
                end = start
            }
            return 0
        }
        var reading = try CompressedReading(file.descriptor, compression)
        var end = 0
        while true {
            let start = reading.position
            guard let bytes = try reading.read(upTo: Int.max) else { return end }
            if let place = bytes.lastIndex(of: newline) { end = start + place + 1 }
        }
    }
}
