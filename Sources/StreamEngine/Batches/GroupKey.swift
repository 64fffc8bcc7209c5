/// The key of a group and its hash.
///
/// A key of one string of up to 16 bytes is that text itself. Any other key is the concatenated typed bytes of its
/// fields. Up to 16 bytes are stored as two numbers, with zeros after the end; for a longer key, `low` is the address.
struct GroupKey {
    var low: UInt64
    var high: UInt64
    var shape: KeyShape
    /// The lower half of the hash.
    var hash: UInt32

    /// The key without fields.
    init(_ hash: KeyHash) {
        (low, high, shape) = (0, 0, KeyShape(length: 0))
        self.hash = hash(0, 0)
    }

    init(low: UInt64, high: UInt64, shape: KeyShape, _ hash: KeyHash) {
        (self.low, self.high, self.shape) = (low, high, shape)
        self.hash = hash(low, high)
    }

    /// - Parameter bytes: at least 16 must be readable, whatever the length. A longer key must stay valid while it is
    ///   used.
    @inline(__always) init(_ bytes: UnsafeRawPointer, length: Int, _ hash: KeyHash) {
        shape = KeyShape(length: length)
        if length > 16 {
            (low, high) = (UInt64(UInt(bitPattern: bytes)), 0)
            self.hash = UInt32(truncatingIfNeeded: hash(bytes, length))
            return
        }
        (low, high) = Self.words(bytes, length)
        self.hash = hash(low, high)
    }

    /// The key of one string of up to 16 bytes; 16 bytes must be readable.
    @inline(__always) init(text: UnsafeRawPointer, length: Int, _ hash: KeyHash) {
        shape = KeyShape(textLength: length)
        (low, high) = Self.words(text, length)
        self.hash = hash(low, high)
    }

    /// The key of one integer.
    @inline(__always) init(integer: Int64, _ hash: KeyHash) {
        shape = KeyShape(length: 9)
        (low, high) = KeyCoding.words(integer: UInt64(bitPattern: integer))
        self.hash = hash(low, high)
    }

    /// Stores the key with two writes instead of four: where they miss the near caches, the queue of writes holds more keys.
    @inline(__always) func store(at place: UnsafeMutablePointer<GroupKey>) {
        let bytes = UnsafeMutableRawPointer(place)
        bytes.storeBytes(of: SIMD2(low, high), as: SIMD2<UInt64>.self)
        bytes.storeBytes(of: UInt64(shape.bits) | UInt64(hash) << 32, toByteOffset: 16, as: UInt64.self)
    }

    /// Up to 16 bytes as two numbers.
    @inline(__always)
    private static func words(_ bytes: UnsafeRawPointer, _ length: Int) -> (low: UInt64, high: UInt64) {
        let low = bytes.loadUnaligned(as: UInt64.self)
        let high = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        // Shifts are modulo 64, so a length of 0 needs its own case.
        if length <= 8 { return (length == 0 ? 0 : low & UInt64.max &>> UInt64(truncatingIfNeeded: -8 &* length), 0) }
        return (low, high & UInt64.max &>> UInt64(truncatingIfNeeded: -8 &* length))
    }
}

/// The length of a key, and whether it is the text of one string or typed bytes.
struct KeyShape: Equatable {
    /// The highest 256 numbers are the lengths of texts.
    let bits: UInt32

    private static let text: UInt32 = 0xffff_ff00

    @inline(__always) init(bits: UInt32) { self.bits = bits }
    @inline(__always) init(length: Int) { bits = UInt32(truncatingIfNeeded: length) }
    @inline(__always) init(textLength: Int) { bits = Self.text | UInt32(truncatingIfNeeded: textLength) }

    @inline(__always) var isText: Bool { bits >= Self.text }
    /// Up to 16 bytes.
    @inline(__always) var isShort: Bool { bits &- Self.text <= 16 &- Self.text }
    @inline(__always) var length: Int { Int(isText ? bits & 0xff : bits) }
}
