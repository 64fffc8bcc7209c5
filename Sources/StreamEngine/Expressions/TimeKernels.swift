/// Time functions on single values.
struct TimeKernels: ~Copyable {
    let zone: ZoneOffsets
    let year: Int64?
    private var reader: TimeReader
    private var buffer = ByteBuffer()

    /// When the records were written; times without a year are read by it. nil if unknown.
    var written: Int64?
    /// When the records were read. nil if unknown.
    var read: Int64?

    init(zone: ZoneOffsets, year: Int64?) {
        self.zone = zone
        self.year = year
        reader = TimeReader(.auto, zone: zone, year: year)
    }

    /// The time of a value: a time, or what `--time-format auto` reads.
    @inline(__always) mutating func time(_ value: Value) -> Int64? {
        if value.kind == .time { return value.integer }
        return time(of: reader.read(value))
    }

    /// The same by another format.
    func time(_ value: Value, _ reader: inout TimeReader) -> Int64? { time(of: reader.read(value)) }

    private func time(of reading: TimeReading) -> Int64? {
        switch reading {
        case .time(let time): time
        // Workers do not know the records before, so the year is that of the input.
        case .yearless(let time): written.flatMap { time.latest(before: $0, zone: zone) }
        case .none: nil
        }
    }

    mutating func epoch(_ value: Value) -> Value { time(value).map { Numbers.seconds($0) } ?? .null }

    /// The start of the interval of `size` microseconds (positive) since 1970 that contains the time.
    mutating func floor(_ value: Value, _ size: Int64) -> Value {
        guard let time = time(value) else { return .null }
        let (start, overflow) = time.subtractingReportingOverflow(floorRemainder(time, size))
        return overflow ? .null : Value(time: start)
    }

    mutating func format(_ value: Value, _ pattern: TimePattern, _ arena: inout ByteArena) -> Value {
        guard let time = time(value) else { return .null }
        buffer.removeAll()
        pattern.append(time, zone: zone, to: &buffer)
        return Value(arena.copy(buffer))
    }

    mutating func part(_ value: Value, _ part: TimePart) -> Value {
        guard let time = time(value) else { return .null }
        let local = zone.local(fromUTC: time)
        let days = floorDivide(local, Microseconds.day)
        let rest = floorRemainder(local, Microseconds.day)
        let result: Int64 =
            switch part {
            case .year: CivilDate(days: days).year
            case .month: CivilDate(days: days).month
            case .day: CivilDate(days: days).day
            case .hour: rest / Microseconds.hour
            case .minute: rest / Microseconds.minute % 60
            case .second: rest / Microseconds.second % 60
            case .weekday: CivilDate.weekday(days: days) &+ 1
            }
        return Value(result)
    }
}
