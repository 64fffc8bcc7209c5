/// The progress of event time: no records with earlier event times are expected.
///
/// After every record, it is `max event time − delay`, but never moves backwards. This is Flink's
/// BoundedOutOfOrdernessWatermarks without its last millisecond: here, a window closes when the watermark reaches its
/// end. With several partitions, it is the minimum over the active partitions.
struct Watermark {
    /// Event times lie within ± this limit, about 73 000 years around 1970, so that adding window lengths never
    /// overflows.
    static let timeLimit: Int64 = 1 << 61

    /// Microseconds since 1970; `Int64.min` before the first record, `Int64.max` after the last.
    private(set) var time = Int64.min
    /// The watermark of the current partition alone.
    private(set) var own = Int64.min
    /// The lowest watermark of the other active partitions; `Int64.max` when there are none.
    var ceiling = Int64.max
    /// The largest event time seen in the current partition.
    private(set) var maxTime = Int64.min
    /// The maximum out-of-orderness in microseconds; nil if records do not advance the watermark.
    let delay: Int64?
    /// Whether the input contains its own watermarks, which replace the delay.
    private(set) var isPunctuated = false

    init(delay: Int64?) { self.delay = delay }

    /// What the records of the current partition alone have made of it, without the clock and other partitions.
    var ofRecords: Int64 {
        if isPunctuated { return own }
        guard let delay, maxTime > Int64.min else { return Int64.min }
        return maxTime &- delay
    }

    /// Advances for a record whose lateness has already been checked.
    @inline(__always) mutating func observe(_ eventTime: Int64) {
        guard eventTime > maxTime else { return }
        maxTime = eventTime
        if let delay, !isPunctuated { advance(to: eventTime &- delay) }
    }

    /// An upper bound of the watermark while records up to this time are processed.
    func reached(with eventTime: Int64) -> Int64 {
        guard let delay, !isPunctuated, eventTime > maxTime else { return time }
        return max(time, min(max(own, eventTime &- delay), ceiling))
    }

    @inline(__always) mutating func advance(to time: Int64) {
        if time > own { own = time }
        raise()
    }

    /// Raises it to the minimum over the active partitions.
    @inline(__always) mutating func raise() { raise(to: min(own, ceiling)) }

    /// Raises it to `time`; never moves it backwards.
    @inline(__always) mutating func raise(to time: Int64) {
        if time > self.time { self.time = time }
    }

    /// Called for a control line: from now on, only control lines advance the watermark. A control line without a bound
    /// announces the others.
    mutating func punctuate(_ bound: Int64?) {
        isPunctuated = true
        if let bound { advance(to: bound) }
    }

    /// Called when no records have arrived for `quiet` microseconds: the watermark advances with the wall clock.
    mutating func idle(for quiet: Int64) {
        guard let delay, !isPunctuated, maxTime > Int64.min else { return }
        advance(to: saturatingAdd(maxTime &- delay, quiet))
    }

    /// Switches to another partition.
    mutating func turn(to state: PartitionState, ceiling: Int64) {
        own = state.watermark
        maxTime = state.latest
        isPunctuated = state.isPunctuated
        self.ceiling = ceiling
    }

    /// Sets it back to the start of a replay.
    mutating func rewind(to time: Int64) { self.time = time }

    /// Called at the end of the input.
    mutating func finish() { time = Int64.max }
}
