@inline(__always) func byte(_ base: UnsafeRawPointer, _ i: Int) -> UInt8 {
    base.load(fromByteOffset: i, as: UInt8.self)
}

/// Whether the first `count` bytes at both addresses are equal.
@inline(__always) func isEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
    var i = 0
    while i &+ 8 <= count {
        if left.loadUnaligned(fromByteOffset: i, as: UInt64.self)
            != right.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        {
            return false
        }
        i &+= 8
    }
    while i < count {
        if left.load(fromByteOffset: i, as: UInt8.self) != right.load(fromByteOffset: i, as: UInt8.self) {
            return false
        }
        i &+= 1
    }
    return true
}

/// Whether the text is at `place`. As many bytes as it has must be readable.
@inline(__always) func isEqual(_ place: UnsafeRawPointer, _ text: StaticString) -> Bool {
    isEqual(place, UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
}

/// Compares bytes as unsigned numbers, a prefix first. Negative, zero or positive, like memcmp.
package func compareBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let shared = min(left.count, right.count)
    var i = 0
    while i &+ 8 <= shared {
        let a = left.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        let b = right.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        if a != b { return a.byteSwapped < b.byteSwapped ? -1 : 1 }
        i &+= 8
    }
    while i < shared {
        let a = left[i], b = right[i]
        if a != b { return a < b ? -1 : 1 }
        i &+= 1
    }
    return left.count == right.count ? 0 : (left.count < right.count ? -1 : 1)
}

func hasPrefix(_ text: UnsafeRawBufferPointer, _ prefix: UnsafeRawBufferPointer) -> Bool {
    text.count >= prefix.count
        && compareBytes(UnsafeRawBufferPointer(start: text.baseAddress, count: prefix.count), prefix) == 0
}

func hasSuffix(_ text: UnsafeRawBufferPointer, _ suffix: UnsafeRawBufferPointer) -> Bool {
    text.count >= suffix.count
        && compareBytes(UnsafeRawBufferPointer(rebasing: text[(text.count &- suffix.count)...]), suffix) == 0
}
