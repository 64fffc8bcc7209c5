import Plan
import StreamEngine
import System

/// Reads followed files. Each name is a partition with its own watermark; the one furthest behind in event time is read
/// first, so that the others do not fill memory with windows that wait for it.
package struct FollowSource: ~Copyable, Source {
    let input: FollowInput
    let options: SourceOptions
    let interrupt: Interrupt
    /// The steady clock; another one in tests.
    let clock: @Sendable () -> Int64
    var files: [FollowedFile]
    package private(set) var format = InputFormat.json
    var watch = FolderWatch()
    var places = FollowedPlaces()
    /// How many partitions have been announced in a batch.
    var announced: Int
    /// Files to look at.
    var due: Set<Int>
    /// Files about which something has to be decided soon.
    var inTransition: Set<Int> = []
    /// Files of whose newest generation nothing is known.
    var unknown: Set<Int> = []
    /// What their folders had after the last change of one.
    var rotatedFolders = RotatedFolders()
    private(set) var isReplaying = false
    /// Whether there are more files than can be open at once.
    var savesDescriptors: Bool { files.count > input.mostOpenFiles }
    /// Files with something to read.
    private(set) var ready: [Int] = []
    /// Whether changes of all folders are reported.
    var isNotified = true
    /// When to look for files that have joined (steady clock), and where the periodic look has arrived.
    var nextDiscovery: Int64
    var nextPoll: Int64
    var pollPlace = 0
    private var last = 0
    var nextIdleCheck = Int64.min
    var nextPendingCheck = Int64.min

    init(
        _ input: FollowInput, _ files: [FollowedFile], _ options: SourceOptions, interrupt: Interrupt = .process,
        clock: @escaping @Sendable () -> Int64 = steadyClock
    ) {
        self.input = input
        self.options = options
        self.interrupt = interrupt
        self.clock = clock
        self.files = files
        announced = files.count
        due = Set(files.indices)
        let now = clock()
        nextDiscovery = now
        nextPoll = now
        format = options.format.format ?? .json
        for file in files { addPlaces(of: file) }
    }

    package mutating func resume(from checkpoint: InputCheckpoint) {
        for (file, partition) in zip(files, checkpoint.partitions) {
            file.linesBefore = partition.restartState.lines
            file.replayEnd = partition.committed
        }
        isReplaying = true
        endReplayIfDone()
    }

    // MARK: - Reading

    package mutating func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent {
        batch.removeAll()
        while true {
            guard !interrupt.isRaised else { return .interrupted }
            let now = clock()
            takeChanges()
            discover(now)
            try lookAtDue(now)
            if deliverEvent(into: &batch, now) { return .lines }
            if try deliverNext(into: &batch, now) { return .lines }
            if deliverPending(into: &batch, now) { return .lines }
            guard due.isEmpty else { continue }
            let soon = wallClock() + patience
            switch wait(
                for: watch.descriptor, output: options.output, interrupt: interrupt,
                deadline: min(soon, deadline ?? soon))
            {
            case .interrupted: return .interrupted
            case .ready: continue
            case .deadline: if let deadline, wallClock() >= deadline { return .quiet }
            }
        }
    }

    /// Notes whether the file has something to read.
    mutating func note(_ file: FollowedFile) {
        if file.isReady, !ready.contains(file.partition) { ready.append(file.partition) }
    }

    /// Fills the batch from the file that is furthest behind.
    private mutating func deliverNext(into batch: inout Batch, _ now: Int64) throws(RunError) -> Bool {
        while !ready.isEmpty {
            guard let place = nextReady() else { return false }
            let file = files[ready[place]]
            if try fill(&batch, from: file, now) {
                last = file.partition
                return true
            }
            if !file.isReady {
                ready.removeAll { $0 == file.partition }
                closeIfQuiet(file, now)
            }
            if file.generations.first?.content.isRewritten ?? false { due.insert(file.partition) }
            // It may have ended.
            if file.generations.count > 1, file.generations.first?.content.isAtEnd ?? false {
                due.insert(file.partition)
            }
        }
        return false
    }

    /// The place in `ready` of the file to read next; nil if all of them wait for the end of the replay.
    private func nextReady() -> Int? {
        if ready.count == 1, !isReplaying { return 0 }
        let times = input.alignment.all(files.count)
        var best: Int?
        for (place, index) in ready.enumerated() {
            // None continues past the replay before all have reached its end.
            if isReplaying, files[index].isAtReplayEnd { continue }
            guard let other = best else {
                best = place
                continue
            }
            let (time, least) = (times[index], times[ready[other]])
            // Equal ones take turns.
            let isNext = time == least && (index > last) != (ready[other] > last) && index > last
            if time < least || isNext { best = place }
        }
        return best
    }

    /// Ends the replay once all files have reached its end.
    private mutating func endReplayIfDone() {
        guard files.allSatisfy(\.isAtReplayEnd) else { return }
        for file in files { file.replayEnd = nil }
        isReplaying = false
    }

    /// - Returns: false if the file has nothing to read now.
    private mutating func fill(_ batch: inout Batch, from file: FollowedFile, _ now: Int64) throws(RunError) -> Bool {
        while let generation = file.generations.first {
            if file.replayEnd != nil, file.isAtReplayEnd { return false }
            if !file.hasStarted, !isReadyToStart(generation, of: file, now) {
                if file.generations.first === generation {
                    file.isReady = false
                    return false
                }
                continue
            }
            let progress: LineReader.Progress
            do throws(ReadError) {
                if !file.hasStarted { try start(file, generation) }
                let hasMore = file.hasStarted && (generation.content.hasMore || file.lines.hasUnsearched)
                progress = hasMore ? try read(generation, of: file, into: &batch) : .incomplete
            } catch {
                guard waitsForRest(error, generation) else {
                    throw error.ending(generation.path, droppedBytes: file.lines.pending.count, isJob: input.isJob)
                }
                progress = .incomplete
            }
            if let problem = file.lines.problem { throw .badInput("\(generation.path): \(problem.text)") }
            switch progress {
            case .lines:
                try checkHeader(batch, of: file, generation)
                deliver(&batch, generation, of: file, now)
                return true
            case .end: retire(generation, of: file, now)
            case .incomplete:
                file.isReady = false
                return false
            }
        }
        file.isReady = false
        return false
    }

    /// The header of a table comes again in each generation. It must be the same: later values would get other names.
    private func checkHeader(
        _ batch: borrowing Batch, of file: FollowedFile, _ generation: Generation
    ) throws(RunError) {
        guard batch.startsInput, let names = file.format?.columns, options.format.columns == nil,
            !options.format.hasNoHeader
        else { return }
        let line = Array(batch.bytes.prefix { $0 != UInt8(ascii: "\n") }) + [UInt8(ascii: "\n")]
        guard let found = try? FormatChoice(FormatPlan()).format(line, path: "", isWhole: true)?.columns, found != names
        else { return }
        throw .badInput(
            "\(generation.path): its header is \(found.joined(separator: ",")), but that of \(file.name) was "
                + "\(names.joined(separator: ",")); give the names with --columns, or read the files one by one")
    }

    /// Reads until there is a batch, or nothing more to read.
    private func read(
        _ generation: Generation, of file: FollowedFile, into batch: inout Batch
    ) throws(ReadError) -> LineReader.Progress {
        file.lines.begin(&batch)
        while true {
            let progress: LineReader.Progress
            do throws(ReadError) {
                progress = try file.lines.read(from: &generation.content, into: &batch)
            } catch {
                file.lines.suspend(&batch)
                throw error
            }
            guard case .incomplete = progress, file.lines.problem == nil else { return progress }
            if generation.content.hasMore {
                guard let descriptor = generation.content.waitsFor else { continue }
                if wait(for: descriptor, interrupt: interrupt, deadline: nil) == .ready { continue }
            }
            file.lines.suspend(&batch)
            return .incomplete
        }
    }

    /// Whether a file that was rotated away is more than a copy of what the name refers to, which is being made to
    /// truncate it. Drops a copy.
    private mutating func isReadyToStart(_ generation: Generation, of file: FollowedFile, _ now: Int64) -> Bool {
        // Unless a look has seen something of it, it may have copies that come before it.
        guard !generation.isUnknown || generation.content.limit != nil else {
            if generation.content.hasMore { due.insert(file.partition) }
            return false
        }
        guard !generation.wasNamed, file.generations.count > 1, generation.content.position == 0,
            generation.content.limit == nil, !generation.content.isCompressed
        else { return true }
        // Asked once: a program that ends between two decisions must not make a copy a log.
        let hasWriter = generation.content.file.hasWriter
        if let copy = try? OpenedFile(generation), let current = input.finder.open(file.name),
            current.identity != copy.identity, copy.isCopy(of: current, hasWriter: hasWriter)
        {
            file.generations.removeFirst()
            file.handled?.remove(InodeMark(copy))
            input.log.remove(generation.number, partition: file.partition)
            beginNext(file)
            return false
        }
        // With a line or less, that cannot be seen.
        return generation.held.hasTwoLines || isQuiet(generation, hasWriter: hasWriter, now)
    }

    /// Begins a generation.
    private func start(_ file: FollowedFile, _ generation: Generation) throws(ReadError) {
        let position = generation.content.position
        var contentStart = 0
        if position == 0 {
            guard let start = try generation.content.skipNULs() else { return }
            contentStart = start
            if start > 0 {
                file.proof = nil
                options.warn("\(generation.path): \(start) NUL bytes at its start are skipped")
            }
        }
        // What is there already decides like a file that is read; the rest of the generations are like the first.
        let head = file.format == nil && hasWholeLine(generation) ? head(of: generation) : nil
        file.lines.start(
            input: generation.number, position: max(position, contentStart), contentStart: contentStart,
            path: file.name, head: head, as: file.format)
        if let end = file.replayEnd, end.input == generation.number, generation.content.limit == nil,
            end.position > position
        {
            file.lines.boundary = end.position
        }
        file.hasStarted = true
    }

    private func hasWholeLine(_ generation: Generation) -> Bool {
        generation.content.isCompressed || generation.held.holdsNewline || generation.content.position > 0
    }

    private func head(of generation: Generation) -> [UInt8] {
        Array(((try? generation.head(InputHead.most)) ?? []).drop { $0 == 0 })
    }

    /// Completes the batch with what is known about it.
    mutating func deliver(
        _ batch: inout Batch, _ generation: Generation, of file: FollowedFile, _ now: Int64
    ) {
        begin(&batch, file)
        batch.written = generation.written
        supplyColumns(to: &batch, file)
        if file.format == nil, !file.lines.isUndecided { file.format = file.lines.format }
        // The newline that closes an incomplete last line is not part of the content.
        if let limit = generation.content.limit, batch.end.position > limit { batch.nextPosition = limit }
        let end = batch.end
        advance(file, over: batch, to: end.position, generation)
        batch.checksum = PositionChecksum(name: file.name, hash: hash(of: file, generation, at: end.position))
        file.position = end
        file.lastActivity = now
        file.isIdle = false
        format = file.lines.format
        if file.replayEnd != nil, file.isAtReplayEnd { endReplayIfDone() }
    }

    /// Notes the bytes of the batch, unless something was dropped before them.
    private func advance(
        _ file: FollowedFile, over batch: borrowing Batch, to end: Int, _ generation: Generation
    ) {
        guard let position = file.proof?.position, position == batch.position, !batch.endsInsideLine,
            end - position <= batch.count
        else {
            file.proof = generation.content.isCompressed ? nil : try? ContentProof(generation.content.file, end)
            return
        }
        file.proof?.add(UnsafeRawBufferPointer(rebasing: batch.bytes.prefix(end - position)))
    }

    /// The hash of the position that was read up to; 0 without a job.
    func hash(of file: FollowedFile, _ generation: Generation?, at position: Int) -> Int64 {
        guard input.isJob else { return 0 }
        return file.proof?.hash ?? generation?.content.hash(at: position) ?? 0
    }

    private func supplyColumns(to batch: inout Batch, _ file: FollowedFile) {
        if options.columns.contains(.file) { batch.sourceColumns.share(.text(file.name), as: .file) }
        guard options.columns.contains(.lineNumber) else { return }
        batch.linesBefore = file.linesBefore
        file.linesBefore += file.lines.lineCount(of: batch)
    }

    /// Sets what all batches of a partition have.
    func begin(_ batch: inout Batch, _ file: FollowedFile) {
        batch.partition = file.partition
        batch.partitionCount = announced
        batch.arrival = wallClock()
    }

    // MARK: - The end of a generation

    /// Goes on to the next generation.
    private mutating func retire(_ generation: Generation, of file: FollowedFile, _ now: Int64) {
        let end = generation.content.position
        input.noteRotation()
        input.log.end(
            generation.number, partition: file.partition, at: end, hash: hash(of: file, generation, at: end))
        input.report("\(file.name): rotated after byte \(end); the next file begins")
        file.retired.append(RetiredGeneration(generation, proof(of: generation, file), now: now))
        file.generations.removeFirst()
        beginNext(file)
    }

    /// Prepares for the first generation of the list.
    mutating func beginNext(_ file: FollowedFile) {
        file.hasStarted = false
        file.proof = ContentProof()
        file.linesBefore = 0
        if let next = file.generations.first {
            file.position = InputPosition(input: next.number, position: 0)
            file.hasMoved = true
            if isReplaying { endReplayIfDone() }
        }
    }

    /// Whether a compressed file that ends too early may still be written.
    private func waitsForRest(_ error: ReadError, _ generation: Generation) -> Bool {
        guard case .compressed(let defect) = error, defect.problem == .cut, generation.content.limit == nil else {
            return false
        }
        return generation.content.file.hasWriter != false
    }
}
