/// Text functions on single values. Results borrow from their arguments if possible, else from the arena.
struct TextKernels: ~Copyable {
    private var buffer = ByteBuffer()
    private var joined = ByteBuffer()

    /// Longer results are null: `replace` could exhaust memory.
    private static let sizeLimit = 1 << 24

    /// The text of a value: numbers and times as printed, arrays and objects as JSON; null is null.
    @inline(__always) mutating func text(_ value: Value, _ arena: inout ByteArena) -> Value {
        value.kind == .string ? value : converted(value, &arena)
    }

    @inline(never) private mutating func converted(_ value: Value, _ arena: inout ByteArena) -> Value {
        switch value.kind {
        case .missing, .null: return .null
        case .false: return Self.constant("false")
        case .true: return Self.constant("true")
        case .string, .json, .digits: return Value(value.bytes)
        case .integer, .double, .time:
            buffer.removeAll()
            if value.kind == .integer {
                buffer.append(integer: value.integer)
            } else if value.kind == .double {
                buffer.append(double: value.double)
            } else {
                buffer.append(time: value.integer)
            }
            return Value(arena.copy(buffer))
        }
    }

    static func constant(_ text: StaticString) -> Value {
        Value(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Computes one row of a function. `columns` are its arguments.
    ///
    /// - Parameter zone: the local clock of texts that are compared with times.
    mutating func apply(
        _ function: TextFunction, _ columns: Columns, _ row: Int, _ arena: inout ByteArena, _ zone: ZoneOffsets
    ) -> Value {
        let given = columns[0][row]
        if given.kind == .json {
            switch function {
            case .length: return Value(Int64(JSONItems.count(given.bytes)))
            case .contains: return Self.contains(given.bytes, columns[1][row], &arena, zone)
            default: break
            }
        }
        let value = text(given, &arena)
        if value.isNull { return .null }
        let subject = value.bytes
        switch function {
        case .string: return value
        case .lower: return Self.cased(value, UInt8(ascii: "A")...UInt8(ascii: "Z"), &arena)
        case .upper: return Self.cased(value, UInt8(ascii: "a")...UInt8(ascii: "z"), &arena)
        case .length: return Value(Int64(Self.length(subject)))
        case .bytes: return Value(Int64(subject.count))
        case .trim: return Self.trimmed(subject)
        case .concat: return concat(value, columns, row, &arena)
        case .substr:
            guard let start = Numbers.index(columns[1][row]) else { return .null }
            guard columns.count > 2 else { return Self.part(subject, from: start, length: Int.max) }
            guard let length = Numbers.index(columns[2][row]) else { return .null }
            return Self.part(subject, from: start, length: length)
        case .startsWith, .endsWith, .contains, .replace, .split: break
        }
        let second = text(columns[1][row], &arena)
        if second.isNull { return .null }
        switch function {
        case .startsWith: return Value(hasPrefix(subject, second.bytes))
        case .endsWith: return Value(hasSuffix(subject, second.bytes))
        case .contains: return Value(findBytes(second.bytes, in: subject, from: 0) >= 0)
        case .split:
            guard let index = Numbers.index(columns[2][row]) else { return .null }
            return Self.split(subject, second.bytes, index)
        default:
            let third = text(columns[2][row], &arena)
            return third.isNull ? .null : Self.replace(value, second.bytes, third.bytes, &arena)
        }
    }

    // MARK: Functions

    static func cased(_ value: Value, _ letters: ClosedRange<UInt8>, _ arena: inout ByteArena) -> Value {
        let text = value.bytes
        guard text.contains(where: { letters.contains($0) }) else { return value }
        let room = arena.allocate(text.count)
        for i in 0..<text.count { room[i] = letters.contains(text[i]) ? text[i] ^ 0x20 : text[i] }
        return Value(UnsafeRawBufferPointer(room))
    }

    /// Whether an element of an array equals `item`, or a member of an object has that name.
    @inline(never) private static func contains(
        _ json: UnsafeRawBufferPointer, _ item: Value, _ arena: inout ByteArena, _ zone: ZoneOffsets
    ) -> Value {
        if item.isNull { return .null }
        var items = JSONItems(json)
        while let text = items.next() {
            switch Order.of(JSONItems.value(text, &arena), item, zone) {
            case .equal, .same: return Value(true)
            default: break
            }
        }
        return Value(false)
    }

    private static func length(_ text: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in text { count &+= byte & 0xc0 == 0x80 ? 0 : 1 }
        return count
    }

    private static func trimmed(_ text: UnsafeRawBufferPointer) -> Value {
        var start = 0
        var end = text.count
        while start < end, Ascii.isSpace(text[start]) { start &+= 1 }
        while start < end, Ascii.isSpace(text[end &- 1]) { end &-= 1 }
        return Value(UnsafeRawBufferPointer(rebasing: text[start..<end]))
    }

    /// The byte offset of the scalar `index` scalars after `from`; the end if there are fewer.
    private static func offset(_ text: UnsafeRawBufferPointer, _ index: Int, from: Int) -> Int {
        var place = from
        var left = index
        while place < text.count {
            if text[place] & 0xc0 != 0x80 {
                if left == 0 { return place }
                left &-= 1
            }
            place &+= 1
        }
        return place
    }

    private static func part(_ text: UnsafeRawBufferPointer, from start: Int, length: Int) -> Value {
        var first = start
        if start < 0 {
            let (back, overflow) = Self.length(text).addingReportingOverflow(start)
            first = overflow ? 0 : max(0, back)
        }
        let begin = offset(text, first, from: 0)
        let end = length <= 0 ? begin : offset(text, length, from: begin)
        return Value(UnsafeRawBufferPointer(rebasing: text[begin..<end]))
    }

    private static func occurrences(_ text: UnsafeRawBufferPointer, _ part: UnsafeRawBufferPointer) -> Int {
        var count = 0
        var place = findBytes(part, in: text, from: 0)
        while place >= 0 {
            count &+= 1
            place = findBytes(part, in: text, from: place &+ part.count)
        }
        return count
    }

    private static func split(
        _ text: UnsafeRawBufferPointer, _ separator: UnsafeRawBufferPointer, _ index: Int
    ) -> Value {
        guard separator.count > 0 else { return .null }
        var left = index
        if index < 0 {
            let (back, overflow) = index.addingReportingOverflow(occurrences(text, separator) &+ 1)
            guard !overflow, back >= 0 else { return .null }
            left = back
        }
        var start = 0
        while left > 0 {
            let place = findBytes(separator, in: text, from: start)
            guard place >= 0 else { return .null }
            start = place &+ separator.count
            left &-= 1
        }
        let place = findBytes(separator, in: text, from: start)
        return Value(UnsafeRawBufferPointer(rebasing: text[start..<(place < 0 ? text.count : place)]))
    }

    private static func replace(
        _ value: Value, _ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer, _ arena: inout ByteArena
    ) -> Value {
        let text = value.bytes
        let count = old.isEmpty ? 0 : occurrences(text, old)
        guard count > 0 else { return value }
        let (added, overflow) = count.multipliedReportingOverflow(by: new.count &- old.count)
        guard !overflow, text.count &+ added <= sizeLimit else { return .null }
        let room = arena.allocate(text.count &+ added)
        var start = 0
        var written = 0
        func copy(_ part: UnsafeRawBufferPointer) {
            UnsafeMutableRawBufferPointer(rebasing: room[written...]).copyMemory(from: part)
            written &+= part.count
        }
        while true {
            let place = findBytes(old, in: text, from: start)
            copy(UnsafeRawBufferPointer(rebasing: text[start..<(place < 0 ? text.count : place)]))
            guard place >= 0 else { return Value(UnsafeRawBufferPointer(room)) }
            copy(new)
            start = place &+ old.count
        }
    }

    private mutating func concat(
        _ first: Value, _ columns: Columns, _ row: Int, _ arena: inout ByteArena
    ) -> Value {
        guard columns.count > 1 else { return first }
        // The text of a number or time is at most 64 bytes.
        var most = first.bytes.count
        for column in 1..<columns.count {
            let value = columns[column][row]
            if value.isNull { return .null }
            most &+= value.isText ? Int(value.length) : 64
        }
        guard most <= Self.sizeLimit else { return .null }
        joined.removeAll()
        joined.append(first.bytes)
        for column in 1..<columns.count { joined.append(text(columns[column][row], &arena).bytes) }
        return Value(arena.copy(joined))
    }
}
