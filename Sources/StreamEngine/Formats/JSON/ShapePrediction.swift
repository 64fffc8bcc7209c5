/// The shape of an earlier record, with which the next ones are compared before they are scanned, as long as that is worth
/// it.
struct ShapePrediction: ~Copyable {
    private var shape = RecordShape()
    private var trial = ShapeTrial()

    /// Whether records are compared.
    var isOn: Bool { trial.isOn }

    mutating func beginBatch() { trial.beginBatch() }

    /// Moves to the record at `start`, and reads it and those on the next lines while they fit the shape. If the first one
    /// does not, its own shape may take its place.
    ///
    /// - Parameter end: bytes before this index can be read.
    /// - Returns: whether a record was read. If not, its row is ready to be filled.
    @inline(never) mutating func take(
        _ base: UnsafeRawPointer, from start: Int, to end: Int, _ rows: UnsafeMutablePointer<RowCursor>,
        _ writer: inout FieldWriter, _ records: inout Records
    ) -> Bool {
        rows.pointee.move(to: start, &records)
        let first = rows.pointee.row
        if rows.pointee.roomBeforeLast > 0 {
            shape.take(base, to: end, rows)
            if rows.pointee.row == first, trial.isLearning {
                trial.noteLearning()
                shape.learn(base, from: start, to: end, &writer)
                shape.take(base, to: end, rows)
            }
            trial.note(taken: rows.pointee.row &- first)
        }
        if rows.pointee.row == first {
            rows.pointee.clear(records)
            return false
        }
        rows.pointee.clear(records, from: first, except: shape)
        return true
    }
}

/// Whether comparing records with a shape is worth it. All numbers stand for time, where 1 is what a record that fits
/// saves.
private struct ShapeTrial {
    private(set) var isOn = true
    /// Below 0, the next batches are read without.
    private var balance = Self.start
    /// Consecutive records that did not fit.
    private var misfits = Self.mostMisfits
    /// How many batches are still to be read without, and how many there were last time.
    private var rest = 0
    private var pause = 0

    private static let start = 64
    private static let limit = 256
    /// With the wrong predictions of the processor.
    private static let misfit = 6
    private static let learning = 27
    /// After so many, the shape is replaced.
    private static let mostMisfits = 3
    private static let longestPause = 63

    var isLearning: Bool { misfits >= Self.mostMisfits }

    mutating func beginBatch() {
        guard !isOn else { return }
        if rest > 0 {
            rest &-= 1
        } else {
            isOn = true
            balance = Self.start
        }
    }

    mutating func noteLearning() {
        balance &-= Self.learning
        misfits = 0
    }

    /// - Parameter count: the records of a run that fit.
    mutating func note(taken count: Int) {
        if count == 0 {
            misfits &+= 1
            balance &-= Self.misfit
        } else {
            misfits = 0
            balance = min(balance &+ count, Self.limit)
        }
        if balance == Self.limit { pause = 0 }
        guard balance < 0 else { return }
        isOn = false
        pause = min(pause &* 2 &+ 1, Self.longestPause)
        rest = pause
    }
}
