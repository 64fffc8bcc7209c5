/// Finds the shape of a record. Only plain records have one: without escapes, bytes beyond ASCII, or exponents.
extension RecordShape {
    /// The most containers in each other.
    private static let mostDepth = 8
    /// The longest number: no number with so many characters is too large for a double.
    private static let longestNumber = 19

    /// The bytes that may belong to the record.
    private struct Text {
        let base: UnsafeRawPointer
        let start: Int
        let end: Int

        /// 0, which no record has, where it has ended.
        subscript(i: Int) -> UInt8 { i < end ? byte(base, i) : 0 }
    }

    /// Takes the shape of the record at `start`; none if it has no shape.
    ///
    /// - Parameter end: bytes before this index can be read.
    @inline(never) mutating func learn(
        _ base: UnsafeRawPointer, from start: Int, to end: Int, _ writer: inout FieldWriter
    ) {
        blocks = 0
        fieldCount = 0
        let text = Text(base: base, start: start, end: min(end, start &+ Self.longest))
        guard text[start] == UInt8(ascii: "{") else { return }
        let behind = members(text, start, writer.trie, of: 0, depth: 1)
        guard behind >= 0 else { return }
        let newline = text[behind] == UInt8(ascii: "\r") ? behind &+ 1 : behind
        guard text[newline] == UInt8(ascii: "\n") else { return }
        _ = fix(text, behind, to: newline &+ 1)
        length = behind &- start
        lineEnd = newline &+ 1 &- behind
        let used = length &+ lineEnd
        let count = (used &+ 2 &* Self.block &- 1) / (2 &* Self.block) &* 2
        for offset in used..<count &* Self.block { allow(offset, from: 0, 255) }
        for number in 0..<fieldCount {
            guard !writer.isControl(fields[number].column) else { return }
            // From now on, the column has values.
            _ = writer.target(fields[number].node)
        }
        blocks = count
    }

    // MARK: - Grammar

    /// The members of an object, from its opening brace. All functions return the index after what they read; -1 if there is
    /// no shape.
    private mutating func members(
        _ text: Text, _ start: Int, _ trie: borrowing FieldTrie, of node: Int32, depth: Int
    ) -> Int {
        var i = skip(text, fix(text, start, to: start &+ 1))
        if text[i] == UInt8(ascii: "}") { return fix(text, i, to: i &+ 1) }
        while true {
            guard text[i] == UInt8(ascii: "\"") else { return -1 }
            let key = i &+ 1
            let quote = JSONString.plainEnd(text.base, from: key)
            guard text[quote] == UInt8(ascii: "\"") else { return -1 }
            i = skip(text, fix(text, i, to: quote &+ 1))
            guard text[i] == Ascii.colon else { return -1 }
            i = skip(text, fix(text, i, to: i &+ 1))
            let child = trie.child(of: node, key: text.base + key, length: quote &- key)
            i = value(text, i, trie, at: child, depth: depth)
            guard i >= 0 else { return -1 }
            i = skip(text, i)
            if text[i] == UInt8(ascii: "}") { return fix(text, i, to: i &+ 1) }
            guard text[i] == Ascii.comma else { return -1 }
            i = skip(text, fix(text, i, to: i &+ 1))
        }
    }

    private mutating func elements(_ text: Text, _ start: Int, _ trie: borrowing FieldTrie, depth: Int) -> Int {
        var i = skip(text, fix(text, start, to: start &+ 1))
        if text[i] == UInt8(ascii: "]") { return fix(text, i, to: i &+ 1) }
        while true {
            i = value(text, i, trie, at: -1, depth: depth)
            guard i >= 0 else { return -1 }
            i = skip(text, i)
            if text[i] == UInt8(ascii: "]") { return fix(text, i, to: i &+ 1) }
            guard text[i] == Ascii.comma else { return -1 }
            i = skip(text, fix(text, i, to: i &+ 1))
        }
    }

    /// - Parameter node: its node in the trie; -1 if it is unwanted.
    private mutating func value(
        _ text: Text, _ i: Int, _ trie: borrowing FieldTrie, at node: Int32, depth: Int
    ) -> Int {
        switch text[i] {
        case UInt8(ascii: "\""):
            let end = characters(text, i)
            let field = Field(kind: .text, node: node, offset: i &+ 1 &- text.start, length: end &- i &- 2)
            return end >= 0 && add(field, trie) ? end : -1
        case JSONNumber.minus, UInt8(ascii: "0")...UInt8(ascii: "9"):
            let end = digits(text, i)
            guard end >= 0 else { return -1 }
            var field = Field(kind: .number, node: node, offset: i &- text.start)
            if let shape = NumberShape(UnsafeRawBufferPointer(start: text.base + i, count: end &- i)) {
                field.kind = .shortNumber
                field.number = shape
            }
            return add(field, trie) ? end : -1
        case UInt8(ascii: "{"):
            guard depth < Self.mostDepth, canOpen(node, trie) else { return -1 }
            return members(text, i, trie, of: node, depth: depth &+ 1)
        case UInt8(ascii: "["):
            guard depth < Self.mostDepth, node < 0 else { return -1 }
            return elements(text, i, trie, depth: depth &+ 1)
        default:
            let word = i < text.end ? JSONWord.read(text.base, i) : (length: 0, value: .missing)
            let field = Field(kind: .word, node: node, offset: i &- text.start, word: word.value)
            return word.length > 0 && add(field, trie) ? fix(text, i, to: i &+ word.length) : -1
        }
    }

    /// A string: any plain characters.
    private mutating func characters(_ text: Text, _ start: Int) -> Int {
        let quote = JSONString.plainEnd(text.base, from: start &+ 1)
        guard text[quote] == UInt8(ascii: "\"") else { return -1 }
        for i in fix(text, start, to: start &+ 1)..<quote {
            // A range without the quote, which is between these two characters and all others.
            if text[i] < UInt8(ascii: "\"") {
                allow(i &- text.start, from: UInt8(ascii: " "), 1)
            } else {
                allow(i &- text.start, from: UInt8(ascii: "#"), 0x7f - UInt8(ascii: "#"))
            }
        }
        return fix(text, quote, to: quote &+ 1)
    }

    /// A number: any digits, but no zero before others.
    private mutating func digits(_ text: Text, _ start: Int) -> Int {
        var i = text[start] == JSONNumber.minus ? fix(text, start, to: start &+ 1) : start
        let first = i
        i = digitRun(text, i)
        guard i > first, i == first &+ 1 || text[first] != JSONNumber.zero else { return -1 }
        if i > first &+ 1 { allow(first &- text.start, from: UInt8(ascii: "1"), 8) }
        if text[i] == JSONNumber.point {
            let fraction = fix(text, i, to: i &+ 1)
            i = digitRun(text, fraction)
            guard i > fraction else { return -1 }
        }
        return text[i] | 0x20 != JSONNumber.letterE && i &- start <= Self.longestNumber ? i : -1
    }

    private mutating func digitRun(_ text: Text, _ start: Int) -> Int {
        var i = start
        while Ascii.digit(text[i]) != nil {
            allow(i &- text.start, from: JSONNumber.zero, 9)
            i &+= 1
        }
        return i
    }

    private mutating func skip(_ text: Text, _ start: Int) -> Int {
        fix(text, start, to: WhiteSpace.inLine.skip(text.base, start))
    }

    // MARK: - Bytes

    /// Allows only the bytes that are there. Returns `end`.
    private mutating func fix(_ text: Text, _ start: Int, to end: Int) -> Int {
        for i in start..<min(end, text.end) { allow(i &- text.start, from: text[i], 0) }
        return end
    }

    private mutating func allow(_ offset: Int, from lowest: UInt8, _ range: UInt8) {
        let place = offset / Self.block &* (2 &* Self.block) &+ offset % Self.block
        ranges.storeBytes(of: lowest, toByteOffset: place, as: UInt8.self)
        ranges.storeBytes(of: range, toByteOffset: place &+ Self.block, as: UInt8.self)
    }

    // MARK: - Fields

    /// Adds the field of a value, if it is wanted. Returns false where it matters what else the record has.
    private mutating func add(_ field: Field, _ trie: borrowing FieldTrie) -> Bool {
        guard field.node >= 0 else { return true }
        let leaf = trie.nodes[Int(field.node)]
        guard leaf.childCount == 0, leaf.twin < 0, leaf.column >= 0, fieldCount < Self.mostFields else { return false }
        for number in 0..<fieldCount where fields[number].column == Int(leaf.column) { return false }
        var field = field
        field.column = Int(leaf.column)
        (fields + fieldCount).initialize(to: field)
        fieldCount &+= 1
        return true
    }

    /// Whether an object hides no value that was found before it, and is not wanted itself.
    private func canOpen(_ node: Int32, _ trie: borrowing FieldTrie) -> Bool {
        guard node >= 0 else { return true }
        guard trie.nodes[Int(node)].column < 0, !trie.nodes[Int(node)].hides else { return false }
        for place in trie.firstBelow[Int(node)]..<trie.firstBelow[Int(node) &+ 1] {
            for number in 0..<fieldCount where fields[number].column == trie.below[place].column { return false }
        }
        return true
    }
}
