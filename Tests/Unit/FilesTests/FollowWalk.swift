import Glibc
import Plan
import StreamEngine
import Synchronization
import System

@testable import Files

/// A clock that only a test advances, in microseconds.
final class WalkClock: Sendable {
    private let time = Atomic<Int64>(1_000_000)
    var now: Int64 { time.load(ordering: .relaxed) }
    func advance(_ microseconds: Int64) { time.wrappingAdd(microseconds, ordering: .relaxed) }
}

/// Changes files while a follower looks at them.
///
/// Unchecked: used by one thread.
final class Surprise: @unchecked Sendable {
    let writer: FollowWriter
    init(_ writer: FollowWriter) { self.writer = writer }
}

/// Follows the files of a `FollowWriter`, is killed and resumed, and keeps what it has delivered.
final class WalkFollower {
    /// What a batch delivered.
    private struct Delivery {
        var start: InputPosition
        var end: InputPosition
        var numbers: [Int]
    }

    private let writer: FollowWriter
    private let clock: WalkClock
    private var source: FollowSource?
    private var input: FollowInput?
    private var checkpoint = Checkpoint()
    private var stored: Checkpoint?
    /// Deliveries since the start, of which those before `committed` survive a kill.
    private var deliveries: [Delivery] = []
    private var committed = 0
    /// Deliveries before the last gap, which no later run reads again.
    private var beforeGap = 0
    private var replayed: [Int] = []
    private var isReplaying = false
    private(set) var problems: [String] = []

    init(_ writer: FollowWriter, _ clock: WalkClock) {
        self.writer = writer
        self.clock = clock
    }

    var isRunning: Bool { source != nil }
    var numbers: [Int] { deliveries.flatMap(\.numbers) }
    var durable: Set<Int> { Set(deliveries.prefix(committed).flatMap(\.numbers)) }

    /// Starts, or resumes from the last commit.
    func start() throws {
        writer.loseUnreachable(delivered: durable)
        // A first run reads what the name refers to.
        let hasRead = stored?.input.files.generations.contains { $0.end > 0 } ?? false
        for content in writer.contents where !hasRead && content !== writer.current {
            writer.skip(content)
        }
        do throws(RunError) {
            writer.isSurprising = hasRead
            defer { writer.isSurprising = false }
            try start(.fail)
        } catch {
            guard error.kind == .noInput, writer.contents.contains(where: \.isGone) else {
                problems.append("cannot resume: \(error.text)")
                throw error
            }
            try startAfterGap(error)
        }
    }

    private func startAfterGap(_ error: RunError) throws(RunError) {
        writer.note("gap: \(error.text)")
        for content in writer.contents where content !== writer.current { writer.skip(content, besides: durable) }
        beforeGap = deliveries.count
        try start(.skip)
    }

    private func start(_ onGap: FollowedFiles.GapPolicy) throws(RunError) {
        writer.note(
            "start at \(stored.map { "\($0.input.files.restart) up to \($0.input.files.committed)" } ?? "the beginning")"
        )
        var spec = FollowedFiles([writer.name])
        spec.onGap = onGap
        let clock = clock
        var format = FormatPlan()
        format.name = .lines
        let surprise = Surprise(writer)
        let input = FollowInput(
            spec, isJob: true, clock: { clock.now }, betweenSteps: { surprise.writer.surprise() })
        let found = try writer.see { () throws(RunError) in try input.begin(from: stored, job: "walk") }
        checkpoint = found ?? Checkpoint()
        var options = SourceOptions()
        options.format = format
        options.partitionIdle = 10_000_000
        var source = input.source(options)
        source.resume(from: checkpoint.input)
        let files = checkpoint.input.files
        isReplaying = files.restart < files.committed
        replayed = []
        self.input = input
        self.source = consume source
    }

    /// Stops without a commit.
    func kill() {
        writer.note("kill")
        source = nil
        input = nil
        deliveries.removeLast(deliveries.count - committed)
        writer.loseUnreachable(delivered: durable)
    }

    /// Reads all that there is.
    func read() throws(RunError) {
        guard source != nil else { return }
        writer.note("read")
        writer.isSurprising = true
        defer { writer.isSurprising = false }
        try writer.see { () throws(RunError) in try readAll() }
    }

    private func readAll() throws(RunError) {
        var batch = Batch()
        do throws(RunError) {
            while try source?.read(into: &batch, deadline: 0) == .lines {
                take(batch)
                if writer.numbers.chance(30) { commit() }
            }
        } catch {
            guard error.kind == .noInput, isReplaying else { throw error }
            kill()
            writer.isSurprising = false
            try startAfterGap(error)
            return try read()
        }
        if getenv("WALK_DEBUG") != nil {
            for file in source?.files ?? [] {
                writer.note(
                    "  \(file.position) ready \(file.isReady) missing \(file.isMissing) started \(file.hasStarted)")
                for g in file.generations {
                    writer.note(
                        "    \(g.number) \(g.path) named \(g.isNamed) at \(g.content.position) of \(g.content.knownSize) limit \(g.content.limit ?? -1) writer \(g.content.file.hasWriter.map { "\($0)" } ?? "?")"
                    )
                }
            }
        }
    }

    private func take(_ batch: borrowing Batch) {
        let text = String(decoding: batch.bytes, as: UTF8.self)
        var numbers: [Int] = []
        for line in text.split(separator: "\n") {
            if let number = FollowWriter.number(of: line) {
                numbers.append(number)
            } else {
                problems.append("read '\(line)'")
            }
        }
        writer.note(
            "  \(batch.input):\(batch.position)-\(batch.end.position): \(numbers.first ?? -1)...\(numbers.last ?? -1)")
        let files = checkpoint.input.files
        if isReplaying {
            if batch.start < files.committed { replayed += numbers }
            if batch.end >= files.committed { endReplay() }
            guard batch.start >= files.committed else { return }
        }
        if let last = deliveries.last, batch.start < last.end {
            problems.append("\(batch.start) comes after \(last.end)")
        }
        deliveries.append(Delivery(start: batch.start, end: batch.end, numbers: numbers))
        checkpoint.input.files.committed = batch.end
        if let checksum = batch.checksum { checkpoint.input.files.committedChecksum = checksum }
    }

    private func endReplay() {
        isReplaying = false
        let restart = checkpoint.input.files.restart
        let wanted = deliveries.filter { $0.start >= restart }.flatMap(\.numbers)
        if wanted != replayed { problems.append("replayed \(replayed) instead of \(wanted)") }
    }

    /// Stores a checkpoint, as a job does.
    private func commit() {
        guard !isReplaying, let last = deliveries.last else { return }
        committed = deliveries.count
        // Open windows may need what was delivered a little earlier.
        let newest = deliveries[max(beforeGap, deliveries.count - writer.numbers.below(4))...]
        // What was before the start of this run is forgotten.
        let first = newest.first { $0.start >= checkpoint.input.files.restart }
        var sealed = checkpoint
        sealed.input.files.committed = last.end
        sealed.input.files.restart = first?.start ?? last.end
        input?.seal(&sealed.input)
        do {
            stored = try Checkpoint(parsing: sealed.text)
        } catch {
            problems.append("\(error): \(sealed.text)")
        }
    }
}

/// One random walk.
struct FollowWalk {
    let seed: UInt64
    /// Real microseconds before a step, at most: with none, all times of files are about the same.
    let mostPause: UInt32
    private var pauses: WalkNumbers
    /// More of them find more, and say less.
    static let steps = 40

    init(seed: UInt64, mostPause: UInt32) {
        self.seed = seed
        self.mostPause = mostPause
        pauses = WalkNumbers(seed + 1)
    }

    /// - Returns: what went wrong; nil if every line was delivered once, in order.
    mutating func run() throws -> String? {
        let folder = "/tmp/follow-walk-\(seed)-\(randomSeed())"
        mkdir(folder, 0o700)
        defer { system("rm -r \(folder)") }
        let clock = WalkClock()
        let writer = FollowWriter(folder, seed: seed)
        let follower = WalkFollower(writer, clock)
        do {
            try follower.start()
            for _ in 0..<5 + writer.numbers.below(Self.steps) { try step(writer, follower, clock) }
            try finish(writer, follower, clock)
        } catch {
            return "seed \(seed): \(error)\n" + writer.log.joined(separator: "\n")
        }
        let found = follower.problems + judge(writer, follower)
        return found.isEmpty
            ? nil : "seed \(seed): \(found.joined(separator: "; "))\n" + writer.log.joined(separator: "\n")
    }

    private mutating func step(_ writer: FollowWriter, _ follower: WalkFollower, _ clock: WalkClock) throws {
        clock.advance(Int64(writer.numbers.below(1_500_000)))
        usleep(UInt32(pauses.below(Int(mostPause))))
        writer.durable = follower.durable
        writer.now = clock.now
        let delivered = Set(follower.numbers)
        switch writer.numbers.below(100) {
        case ..<25: writer.write(1 + writer.numbers.below(6))
        case ..<29: writer.write(100 + writer.numbers.below(100))
        case ..<37: writer.writeHalf()
        case ..<47: writer.rotate(keepsOld: writer.numbers.chance(50))
        case ..<53: writer.writeLate()
        case ..<57: writer.closeLate()
        case ..<64: writer.copyAndTruncate()
        case ..<65: writer.truncate(delivered: delivered)
        case ..<67: writer.remove()
        case ..<72: try writer.compress()
        case ..<80:
            if follower.isRunning { follower.kill() } else { try follower.start() }
        default: try follower.read()
        }
    }

    private func finish(_ writer: FollowWriter, _ follower: WalkFollower, _ clock: WalkClock) throws {
        writer.isFinishing = true
        if !follower.isRunning { try follower.start() }
        try follower.read()
        writer.closeLate()
        if let current = writer.current { writer.finish(current) }
        // For longer than a file that a program keeps open is waited for.
        for _ in 0..<25 {
            try follower.read()
            clock.advance(3_000_000)
        }
    }

    private func judge(_ writer: FollowWriter, _ follower: WalkFollower) -> [String] {
        let expected = writer.contents.flatMap(\.numbers)
        let found = follower.numbers
        let there = Set(found)
        var problems: [String] = []
        let lost = expected.filter { !there.contains($0) && !writer.mayBeLost.contains($0) }
        if !lost.isEmpty { problems.append("lost \(lost.prefix(10))") }
        let twice = Dictionary(grouping: found) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
        if !twice.isEmpty { problems.append("twice: \(twice.prefix(10))") }
        let misplaced = Set(writer.contents.filter(\.isMisplaced).flatMap(\.numbers))
        let isCertain = { !writer.mayBeLost.contains($0) && !misplaced.contains($0) }
        if expected.filter(isCertain) != found.filter(isCertain), lost.isEmpty, twice.isEmpty {
            problems.append("out of order: \(found)")
        }
        return problems
    }
}
