/// The position of a syntax error in control data.
package struct ControlJSONError: Error, Equatable {
    /// Bytes of the text before the error.
    package var offset: Int
    package var problem: Problem

    package enum Problem: Sendable {
        case noValue, noName, noColon, noCommaOrEnd, badText, badInteger, nestedTooDeeply, trailingText
    }
}

extension ControlJSONError: CustomStringConvertible {
    package var description: String {
        let words =
            switch problem {
            case .noValue: "expected a value"
            case .noName: "expected the name of a member"
            case .noColon: "expected ':'"
            case .noCommaOrEnd: "expected ',' or a closing bracket"
            case .badText: "invalid string"
            case .badInteger: "expected a 64-bit integer"
            case .nestedTooDeeply: "nested too deeply"
            case .trailingText: "expected the end of the text"
            }
        return "byte \(offset): \(words)"
    }
}

extension ControlJSON {
    /// How deep objects and arrays may be nested.
    package static let nestingLimit = 64

    /// Reads one value surrounded only by white space (RFC 8259), in time linear in the length of the text. Numbers are
    /// integers without an exponent. Names may repeat: the object keeps all members.
    package init(parsing text: String) throws(ControlJSONError) {
        // A string scan reads 16 bytes at a time and ends at a control character.
        var buffer = ByteBuffer(capacity: text.utf8.count + ControlJSONReader.padding)
        buffer.append(text)
        let end = buffer.count
        for _ in 0..<ControlJSONReader.padding { buffer.append(UInt8(ascii: "\n")) }
        self = try buffer.withBytes { bytes throws(ControlJSONError) in
            guard let base = bytes.baseAddress else { throw ControlJSONError(offset: 0, problem: .noValue) }
            var reader = ControlJSONReader(base: base, end: end)
            return try reader.document()
        }
    }
}

private struct ControlJSONReader: ~Copyable {
    /// Line feeds that must follow the text.
    static let padding = 32

    let base: UnsafeRawPointer
    let end: Int
    private var place = 0
    /// Holds a string while its escapes are decoded.
    private var arena = ByteArena()

    init(base: UnsafeRawPointer, end: Int) {
        self.base = base
        self.end = end
    }

    mutating func document() throws(ControlJSONError) -> ControlJSON {
        let tree = try value(depth: 0)
        guard next() == nil else { throw failure(.trailingText) }
        return tree
    }

    private func failure(_ problem: ControlJSONError.Problem) -> ControlJSONError {
        ControlJSONError(offset: place, problem: problem)
    }

    /// Skips white space. The byte after it is not consumed; nil at the end of the text.
    private mutating func next() -> UInt8? {
        while place < end {
            let byte = byte(base, place)
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            place &+= 1
        }
        return nil
    }

    private mutating func value(depth: Int) throws(ControlJSONError) -> ControlJSON {
        switch next() {
        case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t") where take("true"): return .boolean(true)
        case UInt8(ascii: "f") where take("false"): return .boolean(false)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .integer(try integer())
        default: throw failure(.noValue)
        }
    }

    private mutating func members(depth: Int) throws(ControlJSONError) -> [ControlJSON.Member] {
        var members: [ControlJSON.Member] = []
        guard try open(depth: depth, closing: UInt8(ascii: "}")) else { return members }
        repeat {
            guard next() == UInt8(ascii: "\"") else { throw failure(.noName) }
            let name = try text()
            guard next() == UInt8(ascii: ":") else { throw failure(.noColon) }
            place &+= 1
            members.append(ControlJSON.Member(name, try value(depth: depth)))
        } while try hasMore(closing: UInt8(ascii: "}"))
        return members
    }

    private mutating func elements(depth: Int) throws(ControlJSONError) -> [ControlJSON] {
        var elements: [ControlJSON] = []
        guard try open(depth: depth, closing: UInt8(ascii: "]")) else { return elements }
        repeat { elements.append(try value(depth: depth)) } while try hasMore(closing: UInt8(ascii: "]"))
        return elements
    }

    /// Consumes an opening bracket.
    ///
    /// - Returns: false when the closing bracket follows, which is consumed too.
    private mutating func open(depth: Int, closing: UInt8) throws(ControlJSONError) -> Bool {
        guard depth <= ControlJSON.nestingLimit else { throw failure(.nestedTooDeeply) }
        place &+= 1
        guard next() == closing else { return true }
        place &+= 1
        return false
    }

    /// Consumes a comma or the closing bracket.
    private mutating func hasMore(closing: UInt8) throws(ControlJSONError) -> Bool {
        let byte = next()
        guard byte == UInt8(ascii: ",") || byte == closing else { throw failure(.noCommaOrEnd) }
        place &+= 1
        return byte != closing
    }

    /// Reads a string from its opening quote.
    private mutating func text() throws(ControlJSONError) -> String {
        let start = place &+ 1
        let scanned = JSONString.scan(base, from: start)
        guard scanned.end >= 0 else { throw failure(.badText) }
        place = scanned.end &+ 1
        guard scanned.hasEscapes else {
            let bytes = UnsafeRawBufferPointer(start: base + start, count: scanned.end &- start)
            return String(decoding: bytes, as: UTF8.self)
        }
        defer { arena.removeAll() }
        return String(
            decoding: JSONString.unescape(base, from: start, to: scanned.end, arena: &arena), as: UTF8.self)
    }

    private mutating func integer() throws(ControlJSONError) -> Int64 {
        let start = place
        var i = start
        let isNegative = byte(base, i) == UInt8(ascii: "-")
        if isNegative { i &+= 1 }
        let first = i
        // Accumulates downwards: the smallest integer has no positive counterpart.
        var number: Int64 = 0
        var overflows = false
        while i < end, case let digit = byte(base, i) &- UInt8(ascii: "0"), digit < 10 {
            let (tens, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, stillTooLarge) = tens.subtractingReportingOverflow(Int64(digit))
            overflows = overflows || tooLarge || stillTooLarge
            number = sum
            i &+= 1
        }
        let hasLeadingZero = byte(base, first) == UInt8(ascii: "0") && i &- first > 1
        let after = byte(base, i)
        let isFraction = after == UInt8(ascii: ".") || after | 0x20 == UInt8(ascii: "e")
        guard i > first, !hasLeadingZero, !isFraction, !overflows, isNegative || number != Int64.min else {
            throw failure(.badInteger)
        }
        place = i
        return isNegative ? number : 0 &- number
    }

    private mutating func take(_ word: StaticString) -> Bool {
        guard isEqual(base + place, word.utf8Start, word.utf8CodeUnitCount) else { return false }
        place &+= word.utf8CodeUnitCount
        return true
    }
}
