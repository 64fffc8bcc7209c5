/// What a table stores of a row.
///
/// The length of its key (4 bytes), the bytes of the key (`LookupKey`), its values (`KeyCoding.writeExact`), and an end
/// mark. A version has 8 bytes for a link, and its time (8 bytes), before the key. If keys must differ, the number of the
/// line and the values of the key, as they were written, are behind the end mark.
///
/// Until the table is whole, the link of the first version of a key is the address of the last one, and that of every
/// other one the address of the one before it. Then the link of the first one is where the versions of the key are: two
/// numbers of 4 bytes.
enum LookupEntry {
    /// The bytes before the key.
    @inline(__always) static func head(isTimed: Bool) -> Int { isTimed ? 20 : 4 }

    @inline(__always) static func keyCount(_ entry: UnsafeRawPointer) -> Int {
        Int(entry.loadUnaligned(as: UInt32.self))
    }

    @inline(__always) static func begin(_ entry: UnsafeMutableRawPointer, keyCount: Int) {
        entry.storeBytes(of: UInt32(truncatingIfNeeded: keyCount), as: UInt32.self)
    }

    static func setTime(_ time: Int64, of entry: UnsafeMutableRawPointer) {
        entry.storeBytes(of: time, toByteOffset: 12, as: Int64.self)
    }

    static func time(of entry: UnsafeRawPointer) -> Int64 { entry.loadUnaligned(fromByteOffset: 12, as: Int64.self) }

    static func setLink(_ address: UInt64, of entry: UnsafeMutableRawPointer) {
        entry.storeBytes(of: address, toByteOffset: 4, as: UInt64.self)
    }

    static func link(of entry: UnsafeRawPointer) -> UInt64 { entry.loadUnaligned(fromByteOffset: 4, as: UInt64.self) }

    static func setVersions(_ first: Int, _ count: Int, of entry: UnsafeMutableRawPointer) {
        entry.storeBytes(of: UInt32(truncatingIfNeeded: first), toByteOffset: 4, as: UInt32.self)
        entry.storeBytes(of: UInt32(truncatingIfNeeded: count), toByteOffset: 8, as: UInt32.self)
    }

    static func versions(of entry: UnsafeRawPointer) -> (first: Int, count: Int) {
        let first = entry.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        return (Int(first), Int(entry.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
    }

    @inline(__always)
    static func haveSameKey(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, isTimed: Bool) -> Bool {
        let (head, count) = (head(isTimed: isTimed), keyCount(left))
        return count == keyCount(right) && isEqual(left + head, right + head, count)
    }

    /// The number of bytes of the values at a place, without the end mark.
    static func valueCount(_ values: UnsafeRawPointer) -> Int {
        var offset = 0
        while values.load(fromByteOffset: offset, as: UInt8.self) != KeyCoding.endMark {
            _ = KeyCoding.read(values, at: &offset)
        }
        return offset
    }

    /// The line and the values of the key behind the end mark. Texts are borrowed from the entry.
    static func origin(of entry: UnsafeRawPointer, isTimed: Bool, keys: Int) -> (line: Int, keys: [Value]) {
        let place = entry + head(isTimed: isTimed) + keyCount(entry)
        var offset = valueCount(place) &+ 1
        let line = Int(KeyCoding.read(place, at: &offset).integer)
        return (line, (0..<keys).map { _ in KeyCoding.read(place, at: &offset) })
    }
}
