/// Reads many RFC 3339 times, most of them in the same minute or day as the previous one. Gives the same results as
/// `RFC3339.parse`.
///
/// The usual layout, `YYYY-MM-DDThh:mm:ss` with milliseconds, microseconds or no fraction and `Z`, is checked and
/// converted eight bytes at a time; anything else goes to the general parser.
package struct RFC3339Reader: MinuteReader, Sendable {
    // The text of the last valid date and the microseconds at its midnight, initially those of 1970-01-01.
    /// `YYYY-MM-`, the first byte the lowest.
    private var yearMonth: UInt64 = 0x2D31_302D_3037_3931
    /// `DD`, the first byte the lowest.
    private var day: UInt16 = 0x3130
    private var midnight: Int64 = 0
    private var last = Minute()

    /// The minute of the last valid time.
    fileprivate struct Minute: Sendable {
        /// `YYYY-MM-DDThh:mm`.
        var text: (UInt64, UInt64) = (0x2D31_302D_3037_3931, 0x3030_3A30_3054_3130)
        /// Microseconds since 1970 at its start.
        var start: Int64 = 0

        /// Whether a text of 16 bytes or more is in it.
        @inline(__always) func holds(_ base: UnsafeRawPointer) -> Bool {
            base.loadUnaligned(as: UInt64.self).littleEndian == text.0
                && base.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian == text.1
        }
    }

    /// Whether a time without a zone is in UTC; otherwise it is not read.
    private let localIsUTC: Bool

    package init(localIsUTC: Bool = true) { self.localIsUTC = localIsUTC }

    /// Microseconds since 1970, or nil unless the whole text is such a time. See `RFC3339.parse`.
    @inline(__always) package mutating func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
        sameMinute(text) ?? parseDay(text)
    }

    /// With milliseconds and `Z`.
    @inline(__always) func sameMinute(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count == 24, let base = text.baseAddress, last.holds(base),
            let rest = Self.secondsAndMillis(base.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian)
        else { return nil }
        return last.start &+ rest
    }

    /// Reads times with microseconds or no fraction, and `Z`.
    struct OtherFractions: MinuteReader {
        fileprivate let last: Minute

        @inline(__always) func sameMinute(_ text: UnsafeRawBufferPointer) -> Int64? {
            guard text.count == 27 || text.count == 20, let base = text.baseAddress, last.holds(base) else {
                return nil
            }
            let rest = base.loadUnaligned(fromByteOffset: 16, as: UInt32.self).littleEndian
            guard let seconds = RFC3339Reader.seconds(rest) else { return nil }
            if text.count == 20 {
                return UInt8(truncatingIfNeeded: rest >> 24) == UInt8(ascii: "Z") ? last.start &+ seconds : nil
            }
            let fraction = base.loadUnaligned(fromByteOffset: 19, as: UInt64.self).littleEndian
            return RFC3339Reader.micros(fraction).map { last.start &+ seconds &+ $0 }
        }
    }

    var otherFractions: OtherFractions { OtherFractions(last: last) }

    /// Like `parse`, for a time that is not in the minute of the last one or has another layout.
    @inline(never) private mutating func parseDay(_ text: UnsafeRawBufferPointer) -> Int64? {
        if let time = otherFractions.sameMinute(text) { return time }
        guard let base = text.baseAddress, text.count >= 19 else { return parseOther(text) }
        if base.loadUnaligned(as: UInt64.self).littleEndian != yearMonth
            || base.loadUnaligned(fromByteOffset: 8, as: UInt16.self).littleEndian != day
        {
            guard remember(text) else { return parseOther(text) }
        }
        guard RFC3339.isSeparator(base.load(fromByteOffset: 10, as: UInt8.self)),
            let clock = Self.clock(base.loadUnaligned(fromByteOffset: 11, as: UInt64.self).littleEndian)
        else { return parseOther(text) }
        last.text.0 = yearMonth
        last.text.1 = base.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
        last.start = midnight &+ (clock &- clock % 60) &* Microseconds.second
        let time = midnight &+ clock &* Microseconds.second
        switch text.count {
        case 20 where base.load(fromByteOffset: 19, as: UInt8.self) == UInt8(ascii: "Z"):
            return time
        case 24:
            if let rest = Self.secondsAndMillis(base.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian) {
                return last.start &+ rest
            }
        case 27:
            if let fraction = Self.micros(base.loadUnaligned(fromByteOffset: 19, as: UInt64.self).littleEndian) {
                return time &+ fraction
            }
        default: break
        }
        guard let rest = RFC3339.tail(text, from: 19) else { return nil }
        switch rest.zone {
        case .shift(let shift): return time &+ rest.fraction &- shift
        case .local: return localIsUTC ? time &+ rest.fraction : nil
        case .name: return nil
        }
    }

    private func parseOther(_ text: UnsafeRawBufferPointer) -> Int64? { localIsUTC ? RFC3339.parse(text) : nil }

    @inline(never) private mutating func remember(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let days = RFC3339.date(text) else { return false }
        yearMonth = text.loadUnaligned(as: UInt64.self).littleEndian
        day = text.loadUnaligned(fromByteOffset: 8, as: UInt16.self).littleEndian
        midnight = days &* Microseconds.day
        return true
    }

    // In the three functions below, the first byte of the text is the lowest. XOR with a template of the text leaves
    // the values of digits, and 0 for fixed bytes. Adding 0x7F minus the largest allowed value sets the high bit of
    // every byte that is too large; OR with the bytes themselves catches those whose high bit was already set.

    /// `hh:mm:ss` as seconds; nil for anything else, including a leap second.
    @inline(__always) private static func clock(_ text: UInt64) -> Int64? {
        let digits = text ^ 0x3030_3A30_303A_3030
        guard ((digits &+ 0x767A_7F76_7A7F_767D) | digits) & 0x8080_8080_8080_8080 == 0 else { return nil }
        // Each pair of digits becomes one number, in the byte of its first digit.
        let pairs = digits &* 10 &+ (digits >> 8)
        let hour = pairs & 0xFF
        let minute = (pairs >> 24) & 0xFF
        let second = (pairs >> 48) & 0xFF
        guard hour < 24 else { return nil }
        return Int64(bitPattern: hour &* 3600 &+ minute &* 60 &+ second)
    }

    /// `:ss.fffZ` as microseconds; nil for anything else, including a leap second.
    @inline(__always) private static func secondsAndMillis(_ text: UInt64) -> Int64? {
        let digits = text ^ 0x5A30_3030_2E30_303A
        guard ((digits &+ 0x7F76_7676_7F76_7A7F) | digits) & 0x8080_8080_8080_8080 == 0 else { return nil }
        let pairs = digits &* 10 &+ (digits >> 8)
        let second = (pairs >> 8) & 0xFF
        let hundredth = (pairs >> 32) & 0xFF
        let thousandth = (digits >> 48) & 0xFF
        return Int64(bitPattern: second &* 1_000_000 &+ hundredth &* 10_000 &+ thousandth &* 1_000)
    }

    /// `:ss`, and anything after it, as microseconds; nil for anything else, including a leap second.
    @inline(__always) private static func seconds(_ text: UInt32) -> Int64? {
        let digits = text & 0x00FF_FFFF ^ 0x0030_303A
        guard ((digits &+ 0x0076_7A7F) | digits) & 0x0080_8080 == 0 else { return nil }
        return Int64((digits >> 8 & 0xFF) &* 10 &+ digits >> 16) &* Microseconds.second
    }

    /// `.ffffffZ` as microseconds.
    @inline(__always) private static func micros(_ text: UInt64) -> Int64? {
        let digits = text ^ 0x5A30_3030_3030_302E
        guard ((digits &+ 0x7F76_7676_7676_767F) | digits) & 0x8080_8080_8080_8080 == 0 else { return nil }
        let pairs = digits &* 10 &+ (digits >> 8)
        let value = ((pairs >> 8) & 0xFF) &* 10_000 &+ ((pairs >> 24) & 0xFF) &* 100 &+ ((pairs >> 40) & 0xFF)
        return Int64(bitPattern: value)
    }
}
