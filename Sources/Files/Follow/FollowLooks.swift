import StreamEngine
import System

/// Looks at followed files: what has been written, rotated, truncated, removed.
extension FollowSource {
    /// How long a file that was rotated away has to be quiet, microseconds: where the system cannot say whether a process
    /// may write to it, and where a process may, but perhaps has forgotten it.
    private static let quiet: (unknown: Int64, open: Int64) = (5_000_000, 60_000_000)

    mutating func lookAtDue(_ now: Int64) throws(RunError) {
        markForPoll(now)
        guard !due.isEmpty else { return }
        let indexes = due.sorted()
        due.removeAll(keepingCapacity: true)
        for index in indexes { try look(at: files[index], now) }
    }

    private mutating func look(at file: FollowedFile, _ now: Int64) throws(RunError) {
        file.lastLook = now
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
        try lookAtName(of: file, now)
        closeIfDone(file, now)
        watchRetired(of: file, now)
        file.isReady = file.generations.first?.content.hasMore ?? false
        if file.isInTransition { inTransition.insert(file.partition) } else { inTransition.remove(file.partition) }
        note(file)
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
        let isUnread = place > 0 || file.proof.map { $0.position < generation.held.position } ?? false
        let proof = isUnread ? generation.held : file.proof
        let copy = try proof.map { proof throws(RunError) in
            try input.finder.copy(of: proof, of: file.name, excluding: file.identities)
        }
        do throws(ReadError) {
            let again: OpenedFile
            do throws(FileError) { again = try OpenedFile(generation) } catch { throw .file(error) }
            let fresh = try Generation(
                input.log.nextNumber(), again, isNamed: generation.isNamed, checksMembers: input.isJob, now: now)
            fresh.path = generation.path
            add(fresh, to: file, at: place + 1)
            if let copy = copy ?? nil {
                input.report(
                    "\(file.name): truncated after byte \(generation.content.position); the rest is read from \(copy.path)"
                )
                try generation.move(to: copy, checksMembers: input.isJob)
                generation.lastGrowth = now
                return
            }
        } catch {
            throw error.ending(file.name)
        }
        options.warn(
            "\(file.name): truncated; what was written after byte \(generation.content.position) and not yet read is lost"
        )
        file.generations.remove(at: place)
        guard place == 0 else { return }
        input.log.end(
            generation.number, partition: file.partition, at: file.position.position, hash: file.proof?.hash ?? 0)
        beginNext(file)
    }

    // MARK: - Rotation

    /// Sees what the name stands for now.
    private mutating func lookAtName(of file: FollowedFile, _ now: Int64) throws(RunError) {
        guard let identity = FileIdentity(ofFile: file.name) else {
            file.generations.last?.isNamed = false
            if !file.isMissing, !file.generations.isEmpty {
                input.report("\(file.name): removed or renamed; waiting for a new file of this name")
            }
            file.isMissing = true
            return
        }
        let wasMissing = file.isMissing
        file.isMissing = false
        if file.generations.last?.identity == identity {
            file.generations.last?.isNamed = true
            return
        }
        // An older file has its name back; what came after it is read as it is.
        guard !file.generations.contains(where: { $0.identity == identity }) else { return }
        guard let opened = input.finder.open(file.name), opened.identity == identity else {
            // It was rotated once more, or cannot be read; the next look tells.
            if wasMissing { file.isMissing = true }
            try checkReadable(file)
            return
        }
        for generation in file.generations { generation.isNamed = false }
        let newest = file.generations.last
        let retired = file.retired.last
        let between = try input.finder.after(
            newest?.identity ?? retired?.identity, newest?.path ?? retired?.path,
            file.generations.count == 1 ? file.proof : newest?.held, of: file.name)
        for path in between {
            guard let missed = input.finder.open(path), !file.identities.contains(missed.identity) else { continue }
            try append(missed, to: file, isNamed: false, now)
        }
        try append(opened, to: file, isNamed: true, now)
        addPlaces(of: file)
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

    private func append(
        _ opened: consuming OpenedFile, to file: FollowedFile, isNamed: Bool, _ now: Int64
    ) throws(RunError) {
        let path = opened.path
        do throws(ReadError) {
            let generation = try Generation(
                input.log.nextNumber(), opened, isNamed: isNamed, checksMembers: input.isJob, now: now)
            try generation.hold()
            add(generation, to: file, at: file.generations.count)
        } catch {
            throw error.ending(path)
        }
    }

    private func add(_ generation: Generation, to file: FollowedFile, at place: Int) {
        input.log.add(generation, partition: file.partition)
        file.generations.insert(generation, at: place)
        if file.generations.count == 1 {
            file.hasStarted = false
            file.proof = ContentProof()
            file.position = InputPosition(input: generation.number, position: 0)
            file.hasMoved = true
        }
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
            let growth = (retired.descriptor.size ?? 0) - retired.size
            if growth > 0 {
                options.warn(
                    "\(retired.path): \(growth) bytes were written after it was rotated and read; they are not counted")
            }
            return growth > 0 || now >= retired.end
        }
    }
}
