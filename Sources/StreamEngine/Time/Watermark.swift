/// How far event time has come: no earlier time is expected any more.
///
/// `max event time − delay`, never backwards, after every record (Flink's BoundedOutOfOrdernessWatermarks without its
/// last millisecond: here a window closes when the watermark reaches its end). Of several partitions it is the minimum
/// over those that are waited for.
struct Watermark {
    /// Bounds of the times that are taken for event times: about 73 000 years around 1970, so that sums with window
    /// lengths never overflow.
    static let timeLimit: Int64 = 1 << 61

    /// Microseconds since 1970; `Int64.min` before the first record, `Int64.max` after the last.
    private(set) var time = Int64.min
    /// That of the present partition alone.
    private(set) var own = Int64.min
    /// The lowest of the other partitions that are waited for; `Int64.max` when there are none.
    var ceiling = Int64.max
    /// The largest event time seen in the present partition.
    private(set) var maxTime = Int64.min
    /// How far records may lag behind the largest time; nil: records do not move the watermark.
    let delay: Int64?
    /// The writer of the input says how far it has come; the delay is not used any more.
    private(set) var isPunctuated = false

    init(delay: Int64?) { self.delay = delay }

    /// Takes in the time of a record that has already been judged.
    @inline(__always) mutating func observe(_ eventTime: Int64) {
        guard eventTime > maxTime else { return }
        maxTime = eventTime
        if let delay, !isPunctuated { advance(to: eventTime &- delay) }
    }

    /// Where the watermark is at most while records up to this time come.
    func reached(with eventTime: Int64) -> Int64 {
        guard let delay, !isPunctuated, eventTime > maxTime else { return time }
        return max(time, min(max(own, eventTime &- delay), ceiling))
    }

    @inline(__always) mutating func advance(to time: Int64) {
        if time > own { own = time }
        raise()
    }

    /// To where the partitions have come that are waited for, the present one among them.
    @inline(__always) mutating func raise() { raise(to: min(own, ceiling)) }

    /// The minimum over the partitions has come to `time`.
    @inline(__always) mutating func raise(to time: Int64) {
        if time > self.time { self.time = time }
    }

    /// A control line came: from here on only those count. Without a bound it only announces them.
    mutating func punctuate(_ bound: Int64?) {
        isPunctuated = true
        if let bound { advance(to: bound) }
    }

    /// Nothing has arrived for `quiet` microseconds: the watermark goes on with the wall clock.
    mutating func idle(for quiet: Int64) {
        guard let delay, !isPunctuated, maxTime > Int64.min else { return }
        advance(to: saturatingAdd(maxTime &- delay, quiet))
    }

    /// Turns to a partition of which this is known.
    mutating func turn(to state: PartitionState, ceiling: Int64) {
        own = state.watermark
        maxTime = state.latest
        isPunctuated = state.isPunctuated
        self.ceiling = ceiling
    }

    /// An earlier run is done again: the time is what it was.
    mutating func rewind(to time: Int64) { self.time = time }

    /// The end of the input.
    mutating func finish() { time = Int64.max }
}
