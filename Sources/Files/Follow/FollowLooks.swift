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
    /// How often to look for rotated files while no file has the name.
    static let listingInterval: Int64 = 1_000_000

    mutating func lookAtDue(_ now: Int64) throws(RunError) {
        markForPoll(now)
        guard !due.isEmpty else { return }
        // A file that has something to read stays open until it was read.
        let mostReady = max(1, min(Self.mostReady, input.mostOpenFiles / 2))
        guard !savesDescriptors || ready.count < mostReady else { return }
        let indexes = savesDescriptors ? Array(due.prefix(mostReady)) : due.sorted()
        due.subtract(indexes)
        for index in indexes { try look(at: files[index], now) }
    }

    mutating func look(at file: FollowedFile, _ now: Int64) throws(RunError) {
        if let generation = file.generations.first, !generation.content.isOpen {
            if isUnchanged(file, generation) { return }
            try reopen(generation, of: file)
        }
        for generation in file.generations where !generation.content.isCompressed {
            if generation.content.look() { generation.lastGrowth = now }
            generation.written = generation.content.file.changeTime
        }
        input.finder.betweenSteps()
        if let truncated = try truncatedPlace(file) { try goOn(file, afterTruncationOf: truncated, now) }
        input.finder.betweenSteps()
        try hold(file, now)
        input.finder.betweenSteps()
        try lookAtName(of: file, now)
        try hold(file, now)
        input.finder.betweenSteps()
        closeIfDone(file, now)
        watchRetired(of: file, now)
        file.isReady = file.generations.first?.content.hasMore ?? false
        closeIfQuiet(file, now)
        if file.isUnknown { unknown.insert(file.partition) } else { unknown.remove(file.partition) }
        if file.isInTransition { inTransition.insert(file.partition) } else { inTransition.remove(file.partition) }
        note(file)
    }

    /// Remembers what is in the files. The first that is seen of one may not be the first that was in it: only a listing
    /// after that shows the copies of what was there before.
    mutating func hold(_ file: FollowedFile, _ now: Int64) throws(RunError) {
        while true {
            let (newest, wasUnknown) = (file.generations.last, file.isUnknown)
            do throws(ReadError) {
                for generation in file.generations { try generation.hold() }
            } catch {
                throw error.ending(file.name)
            }
            for generation in file.generations where input.isJob && generation.content.position == 0 {
                input.log.see(generation.held, of: generation.number, partition: file.partition)
            }
            guard wasUnknown, file.needsListing || !file.isUnknown || !hasNewest(file) else { return }
            // Nothing has been seen that may have copies, and a copy that comes now is a change.
            if file.isUnknown, hasNewest(file), rotatedFolders.hasNone(of: file.name, input.finder.rotated) {
                file.needsListing = false
                return
            }
            try insertCopies(into: file, now)
            if file.generations.last === newest { return }
        }
    }

    // MARK: - Closed files

    /// Closes a file of which everything was read, if it has been quiet for long or descriptors are scarce.
    mutating func closeIfQuiet(_ file: FollowedFile, _ now: Int64) {
        guard file.generations.count == 1, let generation = file.generations.first, file.hasStarted,
            generation.content.isOpen, !generation.content.isCompressed, generation.content.isAtEnd, !isReplaying,
            file.proof != nil, savesDescriptors || now - file.lastActivity >= Self.closeAfter
        else { return }
        generation.closedAt = FileChange(ofFile: file.name)
        // What it refers to now may be another file; the next look tells.
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
        // It was removed while it was closed; what the name refers to now comes after it.
        options.warn("\(file.name): removed while it was quiet; what was written to it since is lost")
        file.generations.removeFirst()
        file.hasStarted = false
    }

    // MARK: - The end of a generation

    /// Ends the first generation if the name refers to another file, and no more will be written to it.
    private func closeIfDone(_ file: FollowedFile, _ now: Int64) {
        guard file.generations.count > 1, let generation = file.generations.first, !generation.isNamed,
            generation.content.limit == nil, generation.content.isAtEnd
        else { return }
        if !generation.content.isCompressed {
            guard isQuiet(generation, hasWriter: generation.content.file.hasWriter, now), !generation.content.look(),
                generation.content.isAtEnd
            else { return }
        }
        generation.content.limit = generation.content.position
    }

    /// Whether nothing more is expected in a file that was rotated away.
    ///
    /// - Parameter hasWriter: what `FileDescriptor.hasWriter` says of its file.
    func isQuiet(_ generation: Generation, hasWriter: Bool?, _ now: Int64) -> Bool {
        let quiet: Int64 =
            switch hasWriter {
            case false: 0
            case true: Self.quiet.open
            default: Self.quiet.unknown
            }
        return now - generation.lastGrowth >= quiet
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
