/// How far a run has come in its input, and from where it could be begun again.
///
/// Keeps the place and the state at the start of every batch since the oldest one that an open window needs. Of very
/// many batches only every second, fourth, ... is kept: a replay may begin earlier than it must.
package struct Progress: Sendable {
    private struct Entry: Sendable {
        var batch: Int
        var place: Place
        var state: IntakeState
    }

    private static let limit = 1 << 16
    /// Batches since the oldest that is needed, in their order, from `first` on.
    private var entries: [Entry] = []
    private var first = 0
    /// The end of the last batch that was taken in.
    package private(set) var at: Place
    /// The state there.
    private var state: IntakeState

    /// - Parameter checkpoint: where the run goes on; nil for one that begins.
    package init(resuming checkpoint: Checkpoint?) {
        at = checkpoint?.low ?? .start
        state = checkpoint?.lowState ?? IntakeState()
    }

    /// A batch is about to be taken in.
    package mutating func begin(_ batch: borrowing Batch, _ state: IntakeState) {
        if entries.count - first >= Self.limit { thin() }
        entries.append(Entry(batch: batch.sequence, place: batch.start, state: state))
    }

    /// It has been taken in.
    ///
    /// - Returns: false when its end is no place to go on from.
    package mutating func end(_ batch: borrowing Batch, _ state: IntakeState) -> Bool {
        guard !batch.endsInsideLine else { return false }
        at = batch.end
        self.state = state
        return true
    }

    /// What lies between is known to hold nothing.
    package mutating func skip(to place: Place) { at = place }

    /// Time has gone on without records.
    package mutating func note(_ state: IntakeState) { self.state = state }

    /// The checkpoint of this place.
    ///
    /// - Parameter oldest: number of the batch that opened the oldest window that is still needed; nil when none is.
    package mutating func checkpoint(oldest: Int?) -> Checkpoint {
        forget(before: oldest ?? Int.max)
        return checkpoint()
    }

    /// The checkpoint of this place when windows may have closed since: a replay begins where it had to when somebody
    /// last looked, which is early enough.
    package func checkpoint() -> Checkpoint {
        var checkpoint = Checkpoint()
        checkpoint.at = at
        checkpoint.watermark = state.watermark
        checkpoint.latest = state.latest
        // Without an entry nothing has to be read again.
        let start = first < entries.count && entries[first].place < at ? entries[first] : nil
        checkpoint.low = start?.place ?? at
        checkpoint.lowState = start?.state ?? state
        return checkpoint
    }

    /// Drops what lies before the last entry that is not later than `oldest`.
    private mutating func forget(before oldest: Int) {
        while first + 1 < entries.count, entries[first + 1].batch <= oldest { first += 1 }
        if oldest == Int.max { first = entries.count }
        if first > entries.count / 2 {
            entries.removeFirst(first)
            first = 0
        }
    }

    private mutating func thin() {
        let kept = entries[first...].enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        entries = kept
        first = 0
    }
}
