/// Reads times of access logs, `dd/Mon/yyyy:hh:mm:ss +hhmm`, in the minute of an earlier one. Gives the same results as
/// `TimeForms.read`, which reads all others.
struct AccessLogTimes: MinuteReader, Sendable {
    private static let length = 26
    /// The text of the last time up to its minute, and its microseconds since 1970.
    private var head: (UInt64, UInt64) = (0, 0)
    /// Its last ten bytes without the seconds, `m:.. +hhmm`.
    private var tail: (UInt64, UInt16) = (0, 0)
    private var minute: Int64 = 0

    /// The bytes of the seconds in `m:ss +hh`.
    private static let secondsMask: UInt64 = 0x0000_0000_ffff_0000

    @inline(__always) func sameMinute(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count == Self.length, let base = text.baseAddress,
            base.loadUnaligned(as: UInt64.self) == head.0,
            base.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == head.1
        else { return nil }
        let rest = base.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian
        guard rest & ~Self.secondsMask == tail.0, base.loadUnaligned(fromByteOffset: 24, as: UInt16.self) == tail.1,
            let seconds = Self.seconds(rest)
        else { return nil }
        return minute &+ seconds
    }

    /// The microseconds of `ss` in `m:ss +hh`, the first byte the lowest; nil for anything but 00 to 59.
    @inline(__always) private static func seconds(_ text: UInt64) -> Int64? {
        let tens = UInt8(truncatingIfNeeded: text >> 16) &- UInt8(ascii: "0")
        let ones = UInt8(truncatingIfNeeded: text >> 24) &- UInt8(ascii: "0")
        return tens < 6 && ones < 10 ? (Int64(tens) &* 10 &+ Int64(ones)) &* Microseconds.second : nil
    }

    /// Takes note of a time that was read from this text in another way.
    mutating func remember(_ text: UnsafeRawBufferPointer, _ time: Int64) {
        guard text.count == Self.length, let base = text.baseAddress, text[2] == UInt8(ascii: "/"),
            text[6] == UInt8(ascii: "/"), text[11] == Ascii.colon, text[14] == Ascii.colon, text[17] == Ascii.colon,
            text[20] == Ascii.space, text[21] == UInt8(ascii: "+") || text[21] == Ascii.minus,
            let seconds = Self.seconds(base.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian)
        else { return }
        head = (base.loadUnaligned(as: UInt64.self), base.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        tail = (
            base.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian & ~Self.secondsMask,
            base.loadUnaligned(fromByteOffset: 24, as: UInt16.self)
        )
        minute = time &- seconds
    }
}
