/// Eight bytes of a value that sort like the value: null < booleans < numbers < strings, strings bytewise.
enum SortPrefix {
    /// For a value of any kind; equal prefixes do not imply equal values.
    static func of(_ value: Value) -> UInt64 {
        switch value.kind {
        case .missing, .null: 0
        case .false: 1 << 56
        case .true: 2 << 56
        case .integer, .time: 3 << 56 | ordered(Double(value.integer)) >> 8
        case .double: 3 << 56 | ordered(value.double) >> 8
        case .digits: JSONNumber.parseRounded(value.bytes).map { of($0) } ?? 3 << 56
        case .string: 4 << 56 | ofText(value, after: 0) >> 8
        case .json: 5 << 56 | ofText(value, after: 0) >> 8
        }
    }

    /// For an integer among integers.
    @inline(__always) static func ofInteger(_ value: Value) -> UInt64 { value.bits ^ 1 << 63 }

    /// The eight bytes after the first `skipped` of a text, padded with zeros.
    @inline(__always) static func ofText(_ value: Value, after skipped: Int) -> UInt64 {
        let text = value.bytes
        if skipped &+ 8 <= text.count {
            return text.loadUnaligned(fromByteOffset: skipped, as: UInt64.self).bigEndian
        }
        var prefix: UInt64 = 0
        var i = skipped
        while i < text.count {
            prefix = prefix &<< 8 | UInt64(text[i])
            i &+= 1
        }
        return skipped < text.count ? prefix &<< UInt64(truncatingIfNeeded: 8 &* (8 &- (text.count &- skipped))) : 0
    }

    /// An integer that sorts like the double.
    private static func ordered(_ double: Double) -> UInt64 {
        let bits = (double == 0 ? 0.0 : double).bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }
}

/// The prefix that keys share: a number of fields, and a number of bytes of the next field if that is a string in all
/// of them (otherwise -1).
struct CommonPrefix: Comparable {
    var fields: Int
    var text: Int

    static func < (left: Self, right: Self) -> Bool {
        left.fields != right.fields ? left.fields < right.fields : left.text < right.text
    }

    /// The prefix that two keys of `count` fields share, up to `most`.
    static func of(
        _ left: UnsafePointer<GroupTable.Slot>, _ right: UnsafePointer<GroupTable.Slot>, _ count: Int,
        atMost most: CommonPrefix
    ) -> CommonPrefix {
        var (leftOffset, rightOffset) = (0, 0)
        for field in 0..<count {
            let a = GroupTable.Slot.field(left, at: &leftOffset)
            let b = GroupTable.Slot.field(right, at: &rightOffset)
            if a.kind == .string, b.kind == .string {
                let shared = sharedBytes(a.bytes, b.bytes)
                if shared < a.bytes.count || shared < b.bytes.count { return CommonPrefix(fields: field, text: shared) }
            } else if KeyCoding.compare(a, b) != 0 {
                return CommonPrefix(fields: field, text: -1)
            }
            if field == most.fields { return most }
        }
        return CommonPrefix(fields: count, text: -1)
    }

    /// The first field that is not shared.
    @inline(__always) func field(_ slot: UnsafePointer<GroupTable.Slot>) -> Value {
        var offset = 0
        var value = GroupTable.Slot.field(slot, at: &offset)
        var field = 0
        while field < fields {
            value = GroupTable.Slot.field(slot, at: &offset)
            field &+= 1
        }
        return value
    }

    @inline(__always)
    private static func sharedBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let most = min(left.count, right.count)
        var count = 0
        while count &+ 8 <= most {
            let difference =
                left.loadUnaligned(fromByteOffset: count, as: UInt64.self)
                ^ right.loadUnaligned(fromByteOffset: count, as: UInt64.self)
            if difference != 0 { return count &+ difference.littleEndian.trailingZeroBitCount / 8 }
            count &+= 8
        }
        while count < most, left[count] == right[count] { count &+= 1 }
        return count
    }
}

extension GroupTable.Slot {
    /// Compares the keys of two slots: negative, zero or positive.
    static func compare(_ left: UnsafePointer<Self>, _ right: UnsafePointer<Self>, _ fields: Int) -> Int {
        var leftOffset = 0
        var rightOffset = 0
        for _ in 0..<fields {
            let order = KeyCoding.compare(field(left, at: &leftOffset), field(right, at: &rightOffset))
            if order != 0 { return order }
        }
        return 0
    }
}
