extension TimePattern {
    /// Writes a time (microseconds since 1970) as the local clock of `zone` shows it.
    ///
    /// `%f` writes six digits, `%N` nine and `%L` three; `%Z` writes `UTC`, or the offset in any other zone.
    package func append(_ time: Int64, zone: ZoneOffsets, to buffer: inout ByteBuffer) {
        let offset = zone.offset(at: time)
        let local = saturatingAdd(time, offset)
        let days = floorDivide(local, Microseconds.day)
        let date = CivilDate(days: days)
        let rest = UInt64(bitPattern: local &- days &* Microseconds.day)
        let seconds = rest / 1_000_000
        let hour = seconds / 3600
        for step in steps {
            switch step {
            case .literal(let byte): buffer.append(byte)
            case .space: buffer.append(Ascii.space)
            case .year:
                if date.year < 0 || date.year > 9999 { buffer.append(date.year < 0 ? Ascii.minus : Ascii.plus) }
                buffer.append(number: date.year.magnitude, width: date.year < 0 || date.year > 9999 ? 5 : 4)
            case .shortYear: buffer.append(number: floorRemainder(date.year, 100).magnitude, width: 2)
            case .month: buffer.append(number: date.month.magnitude, width: 2)
            case .day: buffer.append(number: date.day.magnitude, width: 2)
            case .blankDay:
                if date.day < 10 { buffer.append(Ascii.space) }
                buffer.append(number: date.day.magnitude, width: 1)
            case .dayOfYear: buffer.append(number: date.dayOfYear.magnitude, width: 3)
            case .hour: buffer.append(number: hour, width: 2)
            case .hour12: buffer.append(number: hour % 12 == 0 ? 12 : hour % 12, width: 2)
            case .half: buffer.append(hour < 12 ? "AM" as StaticString : "PM")
            case .minute: buffer.append(number: seconds / 60 % 60, width: 2)
            case .second: buffer.append(number: seconds % 60, width: 2)
            case .fraction(let digits, _, let point):
                switch point {
                case .none: break
                case .byte(let byte): buffer.append(byte)
                case .any: buffer.append(Ascii.dot)
                }
                Self.append(fraction: rest % 1_000_000, digits: Int(digits), to: &buffer)
            case .monthName(let full): Self.append(Self.nameOfMonth(date.month), full: full, to: &buffer)
            case .weekdayName(let full):
                Self.append(Self.nameOfWeekday(CivilDate.weekday(days: days)), full: full, to: &buffer)
            case .epoch:
                let epoch = floorDivide(time, Microseconds.second)
                if epoch < 0 { buffer.append(Ascii.minus) }
                buffer.append(number: epoch.magnitude, width: 1)
            case .offset: Self.append(offset: offset, to: &buffer)
            case .zoneName:
                guard zone.name == "UTC" else {
                    Self.append(offset: offset, to: &buffer)
                    continue
                }
                buffer.append("UTC" as StaticString)
            }
        }
    }

    /// Writes `+hhmm`. The seconds of an old local mean time are dropped.
    private static func append(offset: Int64, to buffer: inout ByteBuffer) {
        let minutes = offset.magnitude / Microseconds.minute.magnitude
        buffer.append(offset < 0 ? Ascii.minus : Ascii.plus)
        buffer.append(number: minutes / 60, width: 2)
        buffer.append(number: minutes % 60, width: 2)
    }

    private static func append(_ name: StaticString, full: Bool, to buffer: inout ByteBuffer) {
        buffer.append(
            UnsafeRawBufferPointer(start: name.utf8Start, count: full ? name.utf8CodeUnitCount : 3))
    }

    /// The first `digits` digits of a fraction in microseconds.
    private static func append(fraction: UInt64, digits: Int, to buffer: inout ByteBuffer) {
        var rest = fraction
        for _ in 0..<digits {
            rest &*= 10
            buffer.append(UInt8(truncatingIfNeeded: rest / 1_000_000) &+ Ascii.zero)
            rest %= 1_000_000
        }
    }
}
