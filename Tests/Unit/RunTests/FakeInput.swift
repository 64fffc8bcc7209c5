import StreamEngine
import System

/// What a read of a `FakeInput` does instead of reading.
enum ReadEvent: Sendable {
    case quiet
    /// Reads, but leaves the bytes for later; the failure of that.
    case gap(RunError?)
    case failure(RunError)
    /// The signal arrives during the read.
    case signal(Int32)
    /// Waits until something raises the interrupt.
    case waitForInterrupt
}

/// Texts as inputs, read one after the other in batches of whole lines.
///
/// Unchecked: the source is used by one thread at a time, the rest is set before the run.
final class FakeInput: Input, @unchecked Sendable {
    let names: InputNames
    var repeatsInOrder = true
    let interrupt = Interrupt()
    /// What `begin` returns; nil: the stored checkpoint.
    var known: Checkpoint?
    var hasGrown = false
    var offsets: FakeOffsetCommitter?
    /// The deadlines of the reads.
    fileprivate(set) var deadlines: [Int64?] = []
    /// Positions that `hasGrown` was asked about.
    private(set) var grownSince: [InputPosition] = []
    fileprivate let texts: [[UInt8]]
    fileprivate let block: Int
    fileprivate let events: [Int: ReadEvent]

    /// - Parameters:
    ///   - block: bytes after which a batch ends with the next line.
    ///   - events: by the number of the read, from 0.
    init(_ texts: [String], block: Int = 1, events: [Int: ReadEvent] = [:]) {
        names = InputNames(texts.indices.map { "\(["a", "b", "c"][$0 % 3]).jsonl" })
        self.texts = texts.map { Array($0.utf8) }
        self.block = block
        self.events = events
    }

    func begin(from stored: Checkpoint?, job: String?) throws(RunError) -> Checkpoint? { known ?? stored }

    func hasGrown(since checkpoint: InputCheckpoint) -> Bool {
        grownSince.append(checkpoint.files.committed)
        return hasGrown
    }

    func seal(_ checkpoint: inout InputCheckpoint) {}

    func open(_ options: SourceOptions) -> any OpenSource { FakeSource(self) }

    func offsetCommitter(warn: @escaping @Sendable (String) -> Void) -> (any OffsetCommitter)? { offsets }
}

/// Has the bytes of a batch that are read later, if they can be.
private final class FakeGap: GapReader, @unchecked Sendable {
    var bytes: [UInt8] = []
    private let failure: RunError?

    init(_ failure: RunError?) { self.failure = failure }

    func fill(_ room: UnsafeMutableRawBufferPointer, from position: Int, input: Int) throws(RunError) {
        if let failure { throw failure }
        room.copyBytes(from: bytes[position..<position + room.count])
    }
}

private final class FakeSource: OpenSource, @unchecked Sendable {
    let format = InputFormat.json
    private let input: FakeInput
    private var next = InputPosition.start
    private var boundary: InputPosition?
    private var reads = 0

    init(_ input: FakeInput) { self.input = input }

    func resume(from checkpoint: InputCheckpoint) {
        next = checkpoint.files.restart
        boundary = checkpoint.files.committed
    }

    func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent {
        batch.removeAll()
        input.deadlines.append(deadline)
        if input.interrupt.isRaised { return .interrupted }
        defer { reads += 1 }
        switch input.events[reads] {
        case nil: return readLines(into: &batch) ? .lines : .end
        case .quiet: return .quiet
        case .gap(let failure):
            return readLines(into: &batch, gap: FakeGap(batch.mayHaveGap ? failure : nil)) ? .lines : .end
        case .failure(let error): throw error
        case .signal(let number):
            input.interrupt.raise(number)
            return .interrupted
        case .waitForInterrupt:
            // The limit only ends a test that would fail.
            let reason = wait(for: -1, interrupt: input.interrupt, deadline: wallClock() + 20_000_000)
            return reason == .interrupted ? .interrupted : .end
        }
    }

    private func readLines(into batch: inout Batch, gap: FakeGap? = nil) -> Bool {
        while next.input < input.texts.count, next.position >= input.texts[next.input].count {
            next = InputPosition(input: next.input + 1, position: 0)
        }
        guard next.input < input.texts.count else { return false }
        let text = input.texts[next.input]
        let end = end(of: text)
        let bytes = text[next.position..<end]
        if let gap, batch.mayHaveGap {
            gap.bytes = Array(bytes)
            batch.reserve(bytes.count)
            batch.leaveGap(bytes.count, to: gap, at: 0)
        } else {
            bytes.withUnsafeBytes { batch.append($0) }
        }
        batch.input = next.input
        batch.position = next.position
        batch.startsInput = next.position == 0
        next.position = end
        return true
    }

    /// Where the next batch ends: after a line, and at the boundary. A line without an end is a batch of its own.
    private func end(of text: [UInt8]) -> Int {
        let isBounded = boundary.map { $0.input == next.input && $0.position > next.position } ?? false
        let limit = isBounded ? boundary?.position ?? text.count : text.count
        let newline = UInt8(ascii: "\n")
        var end = min(next.position + input.block, limit)
        while end < limit, text[end - 1] != newline { end += 1 }
        if end == text.count, let last = text[next.position..<end].lastIndex(of: newline) { end = last + 1 }
        return end
    }
}
