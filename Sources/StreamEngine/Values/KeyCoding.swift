/// The typed bytes of a value, which group keys and `distinct` compare.
///
/// A tag and a payload. Values have the same bytes if and only if they are equal: 1, 1.0 and 1e0 are equal, so are 0
/// and -0.0, and missing and null; "1" differs from 1. Numbers are equal if their decimals are (`WrittenDecimal`), objects
/// and arrays if they differ only in white space. Numbers and times take 8 bytes, little endian. Text is preceded by its
/// length: one byte if below 255, otherwise 0xff and four bytes, little endian.
enum KeyCoding {
    private enum Tag {
        static let null: UInt8 = 0
        static let no: UInt8 = 1
        static let yes: UInt8 = 2
        static let integer: UInt8 = 3
        static let double: UInt8 = 4
        static let time: UInt8 = 5
        static let digits: UInt8 = 6
        static let string: UInt8 = 7
        static let json: UInt8 = 8
    }

    /// An upper bound of the encoded size of `value`.
    @inline(__always) static func size(_ value: Value) -> Int {
        6 &+ WrittenDecimal.room &+ (value.isText ? Int(value.length) : 0)
    }

    /// The same as `write` for a string of fewer than 255 bytes at `text`, where 15 bytes more are readable.
    @inline(__always)
    static func write(padded text: UnsafeRawPointer, _ length: Int, to pointer: UnsafeMutableRawPointer) -> Int {
        // What follows the string in memory of `size` bytes may be written too.
        let start = write(tag: Tag.string, length: length, to: pointer)
        var i = 0
        while i < length {
            let block = text.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
            pointer.storeBytes(of: block, toByteOffset: start &+ i, as: SIMD16<UInt8>.self)
            i &+= 16
        }
        return start &+ length
    }

    /// The nine bytes of an integer, followed by zeros, as two numbers.
    @inline(__always) static func words(integer bits: UInt64) -> (low: UInt64, high: UInt64) {
        (UInt64(Tag.integer) | bits &<< 8, bits &>> 56)
    }

    /// Writes the bytes of `value` to memory of at least `size(value)` bytes. Returns the number of bytes written.
    @inline(__always) static func write(_ value: Value, to pointer: UnsafeMutableRawPointer) -> Int {
        switch value.kind {
        case .string: return write(text: value, tag: Tag.string, to: pointer)
        case .integer: return write(bits: value.bits, tag: Tag.integer, to: pointer)
        case .double:
            let double = value.double
            guard double.magnitude <= 0x1p53 else { return write(unusual: value, to: pointer) }
            // The library's exact and rounding conversions call libm, which this module does not link.
            let whole = Int64(double)
            return Double(whole) == double
                ? write(bits: UInt64(bitPattern: whole), tag: Tag.integer, to: pointer)
                : write(bits: value.bits, tag: Tag.double, to: pointer)
        case .missing, .null: return write(tag: Tag.null, to: pointer)
        case .false: return write(tag: Tag.no, to: pointer)
        case .true: return write(tag: Tag.yes, to: pointer)
        case .time: return write(bits: value.bits, tag: Tag.time, to: pointer)
        case .digits: return write(unusual: value, to: pointer)
        case .json: return write(json: value, to: pointer)
        }
    }

    /// Writes a double beyond 2^53, or digits.
    @inline(never) private static func write(unusual value: Value, to pointer: UnsafeMutableRawPointer) -> Int {
        withUnsafeTemporaryAllocation(byteCount: size(value), alignment: 8) { room in
            guard let start = room.baseAddress else { return write(tag: Tag.null, to: pointer) }
            let number = WrittenDecimal.canonical(value, in: start)
            switch number.kind {
            case .integer: return write(bits: number.bits, tag: Tag.integer, to: pointer)
            case .double: return write(bits: number.bits, tag: Tag.double, to: pointer)
            default: return write(text: number, tag: Tag.digits, to: pointer)
            }
        }
    }

    @inline(never) private static func write(json value: Value, to pointer: UnsafeMutableRawPointer) -> Int {
        let length = CompactJSON.length(value.bytes)
        let start = write(tag: Tag.json, length: length, to: pointer)
        CompactJSON.copy(value.bytes, to: pointer + start)
        return start &+ length
    }

    /// Like `write`, but objects and arrays keep their white space: for values that are only stored.
    static func writeAsRead(_ value: Value, to pointer: UnsafeMutableRawPointer) -> Int {
        value.kind == .json ? write(text: value, tag: Tag.json, to: pointer) : write(value, to: pointer)
    }

    /// Like `writeAsRead`, but a number of kind `double` or `digits` is not that of an equal integer.
    static func writeExact(_ value: Value, to pointer: UnsafeMutableRawPointer) -> Int {
        switch value.kind {
        case .double: write(bits: value.bits, tag: Tag.double, to: pointer)
        case .digits: write(text: value, tag: Tag.digits, to: pointer)
        default: writeAsRead(value, to: pointer)
        }
    }

    /// No value begins with this byte.
    static let endMark: UInt8 = 0xff

    /// Appends the bytes of `value` to `buffer`.
    static func append(_ value: Value, to buffer: inout ByteBuffer) {
        let room = buffer.room(size(value))
        buffer.advance(write(value, to: room))
    }

    /// The value whose bytes start at `offset`, which is advanced past them. Text is borrowed from the bytes.
    ///
    /// The bytes must come from `write`. A double that was written as an equal integer is read as that integer.
    static func read(_ pointer: UnsafeRawPointer, at offset: inout Int) -> Value {
        let tag = pointer.load(fromByteOffset: offset, as: UInt8.self)
        offset &+= 1
        switch tag {
        case Tag.no: return Value(kind: .false)
        case Tag.yes: return Value(kind: .true)
        case Tag.integer: return Value(kind: .integer, bits: bits(pointer, at: &offset))
        case Tag.double: return Value(kind: .double, bits: bits(pointer, at: &offset))
        case Tag.time: return Value(kind: .time, bits: bits(pointer, at: &offset))
        case Tag.digits: return text(pointer, at: &offset, kind: .digits)
        case Tag.string: return text(pointer, at: &offset, kind: .string)
        case Tag.json: return text(pointer, at: &offset, kind: .json)
        default: return .null
        }
    }

    /// Compares in value order: null, false, true, numbers and times, strings (bytewise), JSON texts. Returns a
    /// negative number, zero or a positive number; zero if and only if the typed bytes are the same.
    static func compare(_ left: Value, _ right: Value) -> Int {
        let a = rank(left.kind), b = rank(right.kind)
        if a != b { return a < b ? -1 : 1 }
        switch a {
        case 3:
            let order = compareNumbers(left, right)
            if order != 0 { return order }
            // A time is not equal to the number of its microseconds.
            return (left.kind == .time ? 1 : 0) &- (right.kind == .time ? 1 : 0)
        case 4: return compareBytes(left.bytes, right.bytes)
        case 5: return CompactJSON.compare(left.bytes, right.bytes)
        default: return 0
        }
    }

    /// Compares two values of the kinds integer, double, digits and time as the decimals that they were written as.
    static func compareNumbers(_ left: Value, _ right: Value) -> Int {
        if left.kind == .digits || right.kind == .digits { return WrittenDecimal.compare(left, right) }
        switch (left.kind == .double, right.kind == .double) {
        case (false, false):
            let a = left.integer, b = right.integer
            return a < b ? -1 : (a > b ? 1 : 0)
        case (true, true):
            let a = left.double, b = right.double
            return a < b ? -1 : (a > b ? 1 : 0)
        case (false, true): return compare(left.integer, right.double)
        case (true, false): return -compare(right.integer, left.double)
        }
    }

    /// The order of an integer and a double.
    @inline(__always) static func compare(_ whole: Int64, _ double: Double) -> Int {
        // No value is NaN.
        guard double.magnitude <= 0x1p53 else { return WrittenDecimal.compare(Value(whole), Value(double)) }
        let truncated = Int64(double)
        if whole != truncated { return whole < truncated ? -1 : 1 }
        let back = Double(truncated)
        return back < double ? -1 : (back > double ? 1 : 0)
    }

    private static func rank(_ kind: Kind) -> Int {
        switch kind {
        case .missing, .null: 0
        case .false: 1
        case .true: 2
        case .integer, .double, .time, .digits: 3
        case .string: 4
        case .json: 5
        }
    }

    @inline(__always) private static func write(tag: UInt8, to pointer: UnsafeMutableRawPointer) -> Int {
        pointer.storeBytes(of: tag, as: UInt8.self)
        return 1
    }

    @inline(__always)
    private static func write(bits: UInt64, tag: UInt8, to pointer: UnsafeMutableRawPointer) -> Int {
        pointer.storeBytes(of: tag, as: UInt8.self)
        pointer.storeBytes(of: bits.littleEndian, toByteOffset: 1, as: UInt64.self)
        return 9
    }

    @inline(__always)
    private static func write(text value: Value, tag: UInt8, to pointer: UnsafeMutableRawPointer) -> Int {
        let length = Int(value.length)
        let start = write(tag: tag, length: length, to: pointer)
        if length > 0, let source = value.bytes.baseAddress {
            (pointer + start).copyMemory(from: source, byteCount: length)
        }
        return start &+ length
    }

    /// Writes what precedes a text and returns its length.
    @inline(__always)
    private static func write(tag: UInt8, length: Int, to pointer: UnsafeMutableRawPointer) -> Int {
        pointer.storeBytes(of: tag, as: UInt8.self)
        if length < 0xff {
            pointer.storeBytes(of: UInt8(truncatingIfNeeded: length), toByteOffset: 1, as: UInt8.self)
            return 2
        }
        pointer.storeBytes(of: 0xff, toByteOffset: 1, as: UInt8.self)
        pointer.storeBytes(of: UInt32(truncatingIfNeeded: length).littleEndian, toByteOffset: 2, as: UInt32.self)
        return 6
    }

    @inline(__always) private static func bits(_ pointer: UnsafeRawPointer, at offset: inout Int) -> UInt64 {
        let bits = pointer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset &+= 8
        return UInt64(littleEndian: bits)
    }

    private static func text(_ pointer: UnsafeRawPointer, at offset: inout Int, kind: Kind) -> Value {
        var length = Int(pointer.load(fromByteOffset: offset, as: UInt8.self))
        offset &+= 1
        if length == 0xff {
            length = Int(UInt32(littleEndian: pointer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            offset &+= 4
        }
        let start = pointer + offset
        offset &+= length
        return Value(UnsafeRawBufferPointer(start: start, count: length), kind: kind)
    }
}
