/// What is wrong with a message in Avro.
enum AvroDefect {
    case torn, longNumber, wideInteger, badBoolean, badBranch, badSymbol, badLength, badCount
    case tooNested, tooLong, longDecimal, bytesLeft

    var message: StaticString {
        switch self {
        case .torn: "the message ends inside a value"
        case .longNumber: "a number has more than 10 bytes"
        case .wideInteger: "an int is beyond 32 bits"
        case .badBoolean: "a boolean is neither 0 nor 1"
        case .badBranch: "the union has no such branch"
        case .badSymbol: "the enum has no such symbol"
        case .badLength: "a length is negative or beyond the end of the message"
        case .badCount: "a block has a bad number of elements"
        case .tooNested: "nested too deeply"
        case .tooLong: "as JSON, it is longer than --max-line"
        case .bytesLeft: "bytes are left after the value; they were written with another schema"
        case .longDecimal: "a decimal is too long"
        }
    }
}

/// Writes messages in Avro as JSON text, one after another, without allocating per message.
///
/// Checks every length and number, so that any bytes and any schema give either JSON or a defect. Every value writes at
/// least one byte, so that the limit of the text also limits the time.
package struct AvroReader: ~Copyable {
    private var schema: AvroSchema
    /// Those of the schema.
    private var nodes: UnsafeMutableBufferPointer<AvroSchema.Node>
    private var items: UnsafeMutableBufferPointer<AvroSchema.Item>
    var base: UnsafeRawPointer
    var at = 0
    private var end = 0
    private var limit = 0
    private var defect: AvroDefect?
    var out = ByteBuffer()

    /// As deep as JSON may be nested.
    private static let depthLimit = JSONTextCheck.depthLimit

    package init() {
        schema = AvroSchema([AvroSchema.Node(kind: .null)], [], [], [], root: 0)
        nodes = schema.nodes
        items = schema.items
        base = UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    }

    /// Decodes a message.
    ///
    /// - Parameters:
    ///   - limit: the largest number of bytes of its JSON text.
    ///   - isKey: whether it is the key of a message: text without quotes, and bytes as they are.
    /// - Returns: what is wrong with it, with the offset in its bytes. Without a defect, `withText` has its text.
    package mutating func read(
        _ message: UnsafeRawBufferPointer, _ schema: AvroSchema, limit: Int, isKey: Bool = false
    ) -> RecordDefect? {
        if schema !== self.schema {
            self.schema = schema
            nodes = schema.nodes
            items = schema.items
        }
        out.removeAll()
        base = message.baseAddress ?? base
        at = 0
        end = message.count
        self.limit = limit
        defect = nil
        let kind = schema.nodes[Int(schema.root)].kind
        // Confluent's serializers write the bytes themselves.
        if kind == .bytes {
            if isKey { out.append(message) } else { appendBytes(end) }
        } else if kind == .string, isKey {
            if let length = length() { out.append(take(length)) }
        } else {
            _ = value(schema.root, depth: 0)
        }
        if defect == nil, at < end, kind != .bytes { defect = .bytesLeft }
        if defect == nil, out.count > limit { defect = .tooLong }
        return defect.map { RecordDefect(offset: at, message: "\($0.message)", showsText: false) }
    }

    /// The text of the last message.
    package borrowing func withText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        out.withBytes(body)
    }

    @inline(never) mutating func fail(_ defect: AvroDefect) -> Bool {
        if self.defect == nil { self.defect = defect }
        return false
    }

    // MARK: - Values

    private mutating func value(_ number: Int32, depth: Int) -> Bool {
        let node = nodes[Int(number)]
        switch node.kind {
        case .null: out.append("null" as StaticString)
        case .boolean: return boolean()
        case .int:
            guard let number = int() else { return false }
            out.append(integer: number)
        case .long:
            guard let number = long() else { return false }
            out.append(integer: number)
        case .float:
            guard let bits = bits(4, UInt32.self) else { return false }
            append(float: Float(bitPattern: UInt32(littleEndian: bits)))
        case .double:
            guard let bits = bits(8, UInt64.self) else { return false }
            append(double: Double(bitPattern: UInt64(littleEndian: bits)))
        case .bytes:
            guard let length = length() else { return false }
            appendBytes(length)
        case .string:
            guard let length = length() else { return false }
            out.append(quoted: take(length))
        case .record: return record(node, depth: depth)
        case .enumeration: return symbol(node)
        case .array: return elements(node, depth: depth, areNamed: false)
        case .map: return elements(node, depth: depth, areNamed: true)
        case .union:
            guard let branch = long() else { return false }
            guard branch >= 0, branch < Int64(node.count) else { return fail(.badBranch) }
            return value(schema.branches[Int(node.first) &+ Int(branch)], depth: depth)
        case .fixed:
            guard has(Int(node.count)) else { return false }
            appendBytes(Int(node.count))
        default: return logical(node)
        }
        return true
    }

    private mutating func logical(_ node: AvroSchema.Node) -> Bool {
        switch node.kind {
        case .date:
            guard let number = int() else { return false }
            out.append(day: number)
        case .timeMillis:
            guard let number = int() else { return false }
            out.append(clock: number, unit: 1000)
        case .timeMicros:
            guard let number = long() else { return false }
            out.append(clock: number, unit: 1)
        case .timestampMillis, .timestampMicros, .timestampNanos, .localMillis, .localMicros, .localNanos:
            guard let number = long() else { return false }
            out.append(timestamp: number, node.kind)
        case .decimalBytes:
            guard let length = length() else { return false }
            return decimal(length, scale: Int(node.scale))
        case .decimalFixed:
            guard has(Int(node.count)) else { return false }
            return decimal(Int(node.count), scale: Int(node.scale))
        case .uuidFixed:
            guard has(16) else { return false }
            out.append(fixedUUID: take(16))
        default:
            guard has(12) else { return false }
            out.append(duration: take(12))
        }
        return true
    }

    private mutating func boolean() -> Bool {
        guard has(1) else { return false }
        switch byte(base, at) {
        case 0: out.append("false" as StaticString)
        case 1: out.append("true" as StaticString)
        default: return fail(.badBoolean)
        }
        at &+= 1
        return true
    }

    private mutating func record(_ node: AvroSchema.Node, depth: Int) -> Bool {
        guard depth < Self.depthLimit else { return fail(.tooNested) }
        guard node.count > 0 else {
            out.append("{}" as StaticString)
            return true
        }
        guard out.count <= limit, let texts = UnsafeRawPointer(schema.texts.baseAddress) else { return fail(.tooLong) }
        var index = Int(node.first)
        let end = index &+ Int(node.count)
        while index < end {
            let field = items[index]
            out.append(padded: texts + Int(field.start), Int(field.length))
            guard value(field.node, depth: depth &+ 1) else { return false }
            index &+= 1
        }
        out.append(UInt8(ascii: "}"))
        return true
    }

    private mutating func symbol(_ node: AvroSchema.Node) -> Bool {
        guard let number = long() else { return false }
        guard number >= 0, number < Int64(node.count), let texts = UnsafeRawPointer(schema.texts.baseAddress) else {
            return fail(.badSymbol)
        }
        let symbol = items[Int(node.first) &+ Int(number)]
        out.append(padded: texts + Int(symbol.start), Int(symbol.length))
        return true
    }

    /// The elements of an array, or of a map with their names.
    private mutating func elements(_ node: AvroSchema.Node, depth: Int, areNamed: Bool) -> Bool {
        guard depth < Self.depthLimit else { return fail(.tooNested) }
        out.append(UInt8(ascii: areNamed ? "{" : "["))
        var isFirst = true
        while true {
            guard var left = block() else { return false }
            if left == 0 { break }
            while left > 0 {
                guard out.count <= limit else { return fail(.tooLong) }
                if !isFirst { out.append(Ascii.comma) }
                isFirst = false
                if areNamed {
                    guard let length = length() else { return false }
                    out.append(quoted: take(length))
                    out.append(Ascii.colon)
                }
                guard value(node.first, depth: depth &+ 1) else { return false }
                left &-= 1
            }
        }
        out.append(UInt8(ascii: areNamed ? "}" : "]"))
        return true
    }

    /// The number of elements of the next block; a negative one is followed by the size of the block.
    private mutating func block() -> Int64? {
        guard let count = long() else { return nil }
        guard count < 0 else { return count }
        guard let size = long() else { return nil }
        guard count > Int64.min, size >= 0, size <= Int64(end &- at) else {
            _ = fail(.badCount)
            return nil
        }
        return 0 &- count
    }

    private mutating func append(double: Double) {
        if double.isFinite { return out.append(double: double) }
        appendNotFinite(isNaN: double.isNaN, isNegative: double < 0)
    }

    private mutating func append(float: Float) {
        // The description is short enough not to be allocated.
        if float.isFinite { return out.append("\(float)") }
        appendNotFinite(isNaN: float.isNaN, isNegative: float < 0)
    }

    private mutating func appendNotFinite(isNaN: Bool, isNegative: Bool) {
        if isNegative { out.append(Ascii.minus) }
        out.append((isNaN ? "NaN" : "Infinity") as StaticString)
    }

    /// Bytes as the text of PostgreSQL's `bytea`; they are there.
    private mutating func appendBytes(_ count: Int) {
        out.append("\"\\\\x" as StaticString)
        let digits = UnsafeMutableRawBufferPointer(start: out.room(2 &* count), count: 2 &* count)
        HexText.write(take(count), to: digits)
        out.advance(2 &* count)
        out.append(UInt8(ascii: "\""))
    }

    private mutating func decimal(_ count: Int, scale: Int) -> Bool {
        guard count <= DecimalBytes.limit else { return fail(.longDecimal) }
        out.append(decimal: take(count), scale: scale)
        return true
    }

    // MARK: - Numbers

    private mutating func has(_ count: Int) -> Bool {
        end &- at >= count || fail(.torn)
    }

    /// The next bytes, which are there.
    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
        defer { at &+= count }
        return UnsafeRawBufferPointer(start: base + at, count: count)
    }

    private mutating func bits<Bits: FixedWidthInteger>(_ count: Int, _: Bits.Type) -> Bits? {
        guard has(count) else { return nil }
        defer { at &+= count }
        return (base + at).loadUnaligned(as: Bits.self)
    }

    /// The length of bytes that are there.
    private mutating func length() -> Int? {
        guard let length = long() else { return nil }
        guard length >= 0, length <= Int64(end &- at) else {
            _ = fail(.badLength)
            return nil
        }
        return Int(length)
    }

    private mutating func int() -> Int64? {
        guard let number = long() else { return nil }
        guard number >= Int64(Int32.min), number <= Int64(Int32.max) else {
            _ = fail(.wideInteger)
            return nil
        }
        return number
    }

    /// A number of seven bits a byte, the lowest first, whose lowest bit is the sign.
    @inline(__always) private mutating func long() -> Int64? {
        if at < end, case let first = byte(base, at), first < 0x80 {
            at &+= 1
            return Int64(first &>> 1) ^ (0 &- Int64(first & 1))
        }
        return longNumber()
    }

    @inline(never) private mutating func longNumber() -> Int64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while at < end {
            let next = byte(base, at)
            // The tenth byte has the last bit.
            guard shift < 63 || shift == 63 && next < 2 else {
                _ = fail(.longNumber)
                return nil
            }
            at &+= 1
            number |= UInt64(next & 0x7f) &<< shift
            if next < 0x80 { return Int64(bitPattern: number &>> 1 ^ (0 &- (number & 1))) }
            shift &+= 7
        }
        _ = fail(.torn)
        return nil
    }
}
