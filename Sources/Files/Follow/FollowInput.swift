import Plan
import StreamEngine
import Synchronization
import System

/// Files that are followed while they are written and rotated. Each name is a partition.
///
/// Unchecked: used by one thread until the source is opened, then `log` and `alignment` by several.
package final class FollowInput: OpenableInput, @unchecked Sendable {
    private let spec: FollowedFiles
    let decompresses: Bool
    let isJob: Bool
    let finder: GenerationFinder
    let mounts: MountTable
    let log = GenerationLog()
    let alignment = WatermarkAlignment()
    private let rotations = Atomic<Int>(0)
    private let truncations = Atomic<Int>(0)
    /// Names that stand for one file each, and patterns.
    let literals: [String]
    let patterns: [String]
    private let warn: @Sendable (String) -> Void
    /// Prints what is only reported with `--verbose`.
    let report: @Sendable (String) -> Void
    /// When the run started, microseconds since 1970.
    let started = wallClock()
    /// Where each name starts; made by `begin`, taken by `source`.
    private var starts: [FollowedStart] = []
    /// The names at the start.
    private var followed: [String] = []
    /// Up to so many names, each costs a look at its folder.
    private static let few = 100
    private let clock: @Sendable () -> Int64
    /// With more files, those that were read are closed.
    private(set) var mostOpenFiles = Int.max
    package let names: InputNames
    /// Each name keeps its order, but names are read as they are written.
    package var repeatsInOrder: Bool { false }

    /// - Throws: `noInput` for what cannot be followed; `usage` for the same file by two names.
    package static func open(_ spec: FollowedFiles, _ run: RunContext) throws(RunError) -> FollowInput {
        let isVerbose = run.plan.verbosity == .verbose
        let warn = run.warn
        let input = FollowInput(
            spec, decompresses: run.plan.decompresses, isJob: run.plan.job != nil, warn: warn,
            report: { if isVerbose { warn($0) } })
        try input.check()
        ignoreLeaseSignals()
        // Some are needed for the output, libraries and rotated files.
        input.mostOpenFiles = raiseDescriptorLimit() * 3 / 4
        return input
    }

    /// - Parameters:
    ///   - clock: the steady clock; another one in tests.
    ///   - betweenSteps: see `GenerationFinder`.
    init(
        _ spec: FollowedFiles, decompresses: Bool = true, isJob: Bool,
        warn: @escaping @Sendable (String) -> Void = { _ in }, report: @escaping @Sendable (String) -> Void = { _ in },
        clock: @escaping @Sendable () -> Int64 = steadyClock, betweenSteps: @escaping @Sendable () -> Void = {}
    ) {
        self.spec = spec
        self.decompresses = decompresses
        self.isJob = isJob
        self.warn = warn
        self.report = report
        self.clock = clock
        // A file may have such a name.
        literals = spec.names.filter { !FollowedFiles.isPattern($0) || exists($0) }
        let known = Set(literals)
        patterns = spec.names.filter { !known.contains($0) }
        mounts = MountTable()
        finder = GenerationFinder(
            rotated: RotatedFiles(patterns: spec.rotated, takesAll: spec.names.count == 1 && patterns.isEmpty),
            decompresses: decompresses, betweenSteps: betweenSteps)
        names = InputNames { [log] number in log.name(number) }
    }

    private func check() throws(RunError) {
        for name in literals { try FollowCheck.check(name, mounts) }
        try FollowCheck.checkDistinct(literals)
        for name in literals where !exists(name) { warn("\(name): no such file yet; waiting for it") }
        for pattern in patterns where matches(pattern, besides: []).isEmpty {
            warn("\(pattern): matches no file yet; waiting for one")
        }
    }

    /// Files that match a pattern, without those that were rotated away from another one.
    func matches(besides known: Set<String>) -> [String] {
        patterns.flatMap { matches($0, besides: known) }
    }

    private func matches(_ pattern: String, besides known: Set<String>) -> [String] {
        let all = namesMatching(pattern)
        let candidates = known.union(all)
        return all.filter { name in
            guard !known.contains(name), FileIdentity(ofFile: name) != nil else { return false }
            let (folder, entry) = splitPath(name)
            return !RotatedName.readings(of: entry).contains { candidates.contains(folder + $0.original) }
        }
    }

    /// A file that has joined.
    func makeFile(_ name: String, partition: Int, _ options: SourceOptions, now: Int64) -> FollowedFile {
        let number = log.nextNumber()
        log.setName(name, of: number)
        return FollowedFile(
            name, partition: partition, lines(options), at: InputPosition(input: number, position: 0), now: now)
    }

    private func lines(_ options: SourceOptions) -> LineReader {
        LineReader(maxLine: options.maxLine, choice: FormatChoice(options.format), block: 64 * 1024)
    }

    // MARK: - The input of a run

    package func begin(from stored: Checkpoint?, job: String?) throws(RunError) -> Checkpoint? {
        var checkpoint = stored ?? Checkpoint()
        let known = (stored?.input.partitions ?? []).filter { !$0.committedChecksum.name.isEmpty }
        for partition in known {
            for generation in partition.generations { log.skip(generation.number) }
            log.skip(partition.committed.input)
        }
        try checkNames(known.map(\.committedChecksum.name))
        let followed = Set(known.map(\.committedChecksum.name))
        let new = (literals + matches(besides: followed)).filter { !followed.contains($0) }
        starts = []
        let (lists, closes) = (known.count + new.count <= Self.few, known.count + new.count > mostOpenFiles)
        func add(_ start: FollowedStart) {
            if closes { start.close() }
            starts.append(start)
        }
        for partition in known {
            add(
                try FollowedStart(
                    resuming: partition, partition: starts.count, self, spec.onGap, warn, lists: lists, clock()))
        }
        for name in new {
            let atEnd = spec.startsAtEnd && stored == nil
            add(try FollowedStart(name, partition: starts.count, self, atEnd: atEnd, lists: lists, clock()))
        }
        checkpoint.input.partitions = starts.map(\.checkpoint)
        self.followed = starts.map(\.name)
        // The first name that joins takes its place.
        if starts.isEmpty { checkpoint.input.partitions = [PartitionCheckpoint()] }
        return checkpoint
    }

    /// - Throws: `mismatch` if a name of the job is no longer followed.
    private func checkNames(_ known: [String]) throws(RunError) {
        let followed = Set(literals + patterns.flatMap(namesMatching))
        for name in known where !followed.contains(name) && !patterns.contains(where: { matchesPattern(name, $0) }) {
            throw .mismatch(
                "the job has followed \(name), which is not named; name it, or use a new --job name or --reset NAME")
        }
    }

    package func hasGrown(since checkpoint: InputCheckpoint) -> Bool { true }

    package func seal(_ checkpoint: inout InputCheckpoint) {
        for index in checkpoint.partitions.indices {
            checkpoint.partitions[index].generations = log.generations(index, checkpoint.partitions[index])
        }
    }

    func noteRotation() { rotations.add(1, ordering: .relaxed) }

    func noteTruncation() { truncations.add(1, ordering: .relaxed) }

    package var fileChanges: FileChanges? {
        FileChanges(
            rotations: rotations.load(ordering: .relaxed), truncations: truncations.load(ordering: .relaxed))
    }

    package func noteEventTime(_ time: Int64, of partition: Int) { alignment.note(time, of: partition) }

    package func name(of position: InputPosition, in partition: Int) -> String {
        followed.indices.contains(partition) ? followed[partition] : names[position.input]
    }

    /// Called when what has to be read again disappears during a replay.
    ///
    /// - Throws: `noInput` unless `--on-gap skip` is given.
    func skipReplay(of name: String) throws(RunError) {
        guard spec.onGap == .fail else { return }
        throw .noInput(
            "\(name): truncated before the windows that were open could be read again; --on-gap skip goes on without them"
        )
    }

    package func open(_ options: SourceOptions) -> any OpenSource { SourceBox(source(options)) }

    func source(_ options: SourceOptions, interrupt: Interrupt = .process) -> FollowSource {
        let now = clock()
        let files = starts.enumerated().map { number, start in
            let file = FollowedFile(start.name, partition: number, lines(options), at: start.position, now: now)
            file.generations = start.generations
            file.proof = start.proof
            file.isMissing = start.generations.isEmpty
            file.handled = start.handled
            file.listed = start.began
            file.needsListing = file.isUnknown
            return file
        }
        starts = []
        return FollowSource(self, files, options, interrupt: interrupt, clock: clock)
    }
}
