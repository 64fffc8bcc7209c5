/// Order of group keys: field by field, null < booleans < numbers < strings, strings bytewise.
enum SortPrefix {
    /// The first eight bytes of a form of the key that sorts like the key; equal prefixes say nothing.
    static func of(_ key: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = key.baseAddress, key.count > 0 else { return 0 }
        var offset = 0
        let value = TypedBytes.read(base, at: &offset)
        switch value.kind {
        case .missing, .null: return 0
        case .no: return 1 << 56
        case .yes: return 2 << 56
        case .integer, .time: return 3 << 56 | ordered(Double(value.integer))
        case .double: return 3 << 56 | ordered(value.double)
        case .digits: return 3 << 56
        case .string: return 4 << 56 | ordered(value.bytes)
        case .json: return 5 << 56 | ordered(value.bytes)
        }
    }

    /// The key's first field is a string.
    static func isOfString(_ prefix: UInt64) -> Bool { prefix >> 56 == 4 }

    /// How many bytes the strings in the first fields of two keys have in common at their beginning.
    static func sharedText(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let (a, b) = (text(left), text(right))
        let most = min(a.count, b.count)
        var count = 0
        while count < most, a[count] == b[count] { count &+= 1 }
        return count
    }

    /// The eight bytes behind the first `skipped` of the string in the first field, as a number that sorts like them.
    static func ofText(_ key: UnsafeRawBufferPointer, behind skipped: Int) -> UInt64 {
        let text = text(key)
        var prefix: UInt64 = 0
        for i in skipped..<(skipped &+ 8) { prefix = prefix << 8 | UInt64(i < text.count ? text[i] : 0) }
        return prefix
    }

    /// The string in the first field of a key.
    private static func text(_ key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let base = key.baseAddress, key.count > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        var offset = 0
        return TypedBytes.read(base, at: &offset).bytes
    }

    /// The upper 56 bits of a number that sorts like the double.
    private static func ordered(_ double: Double) -> UInt64 {
        let bits = (double == 0 ? 0.0 : double).bitPattern
        return (bits >> 63 == 0 ? bits | 1 << 63 : ~bits) >> 8
    }

    private static func ordered(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var prefix: UInt64 = 0
        for i in 0..<7 { prefix = prefix << 8 | UInt64(i < text.count ? text[i] : 0) }
        return prefix
    }
}

extension GroupTable.Slot {
    /// Compares the keys of two slots: negative, zero or positive.
    static func compare(_ left: UnsafePointer<Self>, _ right: UnsafePointer<Self>, _ fields: Int) -> Int {
        var leftOffset = 0
        var rightOffset = 0
        let leftKey = key(left)
        let rightKey = key(right)
        for _ in 0..<fields {
            let order = TypedBytes.compare(
                TypedBytes.read(leftKey, at: &leftOffset), TypedBytes.read(rightKey, at: &rightOffset))
            if order != 0 { return order }
        }
        return 0
    }

    private static func key(_ slot: UnsafePointer<Self>) -> UnsafeRawPointer {
        slot.pointee.length <= 16
            ? UnsafeRawPointer(slot)
            : UnsafeRawPointer(bitPattern: UInt(slot.pointee.low)) ?? UnsafeRawPointer(slot)
    }
}
