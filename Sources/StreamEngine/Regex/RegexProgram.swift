/// A regular expression as a nondeterministic automaton over bytes.
///
/// Source: Thompson's construction in Russ Cox, "Regular Expression Matching Can Be Simple And Fast" (2007). Ranges of
/// scalars are split into byte ranges by the layout of UTF-8 (RFC 3629).
struct RegexProgram: Sendable {
    enum Code: UInt8 {
        /// Consumes a byte in `low...high` and continues at `next`.
        case range
        /// Consumes a character whose first byte is in `table`.
        case set
        /// Consumes characters whose bytes are in `table`, at least `low`.
        case run
        /// Continues at `next`, or as second choice at `other`.
        case split
        /// Stores the position in slot `other` and continues at `next`.
        case save
        case begin
        case end
        case match
    }

    struct Instruction {
        var code: Code
        var low: UInt8 = 0
        var high: UInt8 = 0
        var next: Int32 = 0
        var other: Int32 = 0
        /// Of a set or run, in `tables`.
        var table: Int32 = 0
        /// Whether a run takes as few characters as possible.
        var isLazy = false
    }

    private struct Edge: Hashable {
        var low: UInt8, high: UInt8
        var next: Int32
    }

    private(set) var instructions: [Instruction] = []
    private(set) var start: Int32 = 0
    let isAnchored: Bool
    private let captured: [Int]
    /// For each set and run, the bytes of its characters.
    private(set) var tables: [[Bool]] = []
    /// Whether sets of characters become single instructions, for texts that are UTF-8.
    private let hasRuns: Bool
    private var steps = 0

    private static let sizeLimit = 20_000

    /// - Parameters:
    ///   - captured: the groups whose ranges are wanted; 0 is the whole match. Group `captured[i]` has slots 2i for its
    ///     start and 2i + 1 for its end.
    ///   - hasRuns: whether to use the instructions `set` and `run`.
    init(_ node: RegexNode, capturing captured: [Int], hasRuns: Bool = false) throws(RegexError) {
        isAnchored = node.isAnchored
        self.captured = captured
        self.hasRuns = hasRuns
        let match = try emit(Instruction(code: .match))
        start = try compile(.group(node, index: 0), before: match)
    }

    private mutating func emit(_ instruction: Instruction) throws(RegexError) -> Int32 {
        guard instructions.count < Self.sizeLimit else { throw Self.tooLarge }
        instructions.append(instruction)
        return Int32(instructions.count - 1)
    }

    private static var tooLarge: RegexError { RegexError(reason: "the regular expression is too large", offset: 0) }

    /// Emits instructions that match `node` and continue at `next`. Returns the first one.
    private mutating func compile(_ node: RegexNode, before next: Int32) throws(RegexError) -> Int32 {
        steps += 1
        guard steps < 10 * Self.sizeLimit else { throw Self.tooLarge }
        switch node {
        case .empty: return next
        case .begin: return try emit(Instruction(code: .begin, next: next))
        case .end: return try emit(Instruction(code: .end, next: next))
        case .set(let ranges): return try set(ranges, before: next)
        case .group(let inner, let index):
            guard let place = captured.firstIndex(of: index) else { return try compile(inner, before: next) }
            let close = try emit(Instruction(code: .save, next: next, other: Int32(2 * place + 1)))
            let body = try compile(inner, before: close)
            return try emit(Instruction(code: .save, next: body, other: Int32(2 * place)))
        case .sequence(let nodes):
            var entry = next
            for node in nodes.reversed() { entry = try compile(node, before: entry) }
            return entry
        case .choice(let nodes):
            var entry: Int32?
            for node in nodes.reversed() {
                let one = try compile(node, before: next)
                entry = if let rest = entry { try split(one, rest, lazy: false) } else { one }
            }
            return entry ?? next
        case .repetition(let inner, let least, let most, let lazy):
            return try repetition(inner, least, most, lazy, before: next)
        }
    }

    private mutating func split(_ one: Int32, _ rest: Int32, lazy: Bool) throws(RegexError) -> Int32 {
        try emit(Instruction(code: .split, next: lazy ? rest : one, other: lazy ? one : rest))
    }

    private mutating func repetition(
        _ node: RegexNode, _ least: Int, _ most: Int?, _ lazy: Bool, before next: Int32
    ) throws(RegexError) -> Int32 {
        var entry = next
        var copies = least
        if most == nil, case .set(let ranges) = node, let table = table(ranges) {
            copies = max(0, least - 1)
            entry = try emit(
                Instruction(code: .run, low: least > 0 ? 1 : 0, next: next, table: table, isLazy: lazy))
        } else if let most {
            for _ in least..<max(least, most) {
                entry = try split(try compile(node, before: entry), next, lazy: lazy)
            }
        } else {
            let loop = try split(next, next, lazy: lazy)
            let body = try compile(node, before: loop)
            if lazy { instructions[Int(loop)].other = body } else { instructions[Int(loop)].next = body }
            if least > 0 {
                copies -= 1
                entry = body
            } else {
                // A body that can be empty is tried at least once, or its empty match would be lost: (x+)?
                entry = node.isNullable ? try split(body, next, lazy: lazy) : loop
            }
        }
        for _ in 0..<copies { entry = try compile(node, before: entry) }
        return entry
    }

    // MARK: UTF-8

    /// The number of the table of a set that has all characters beyond ASCII or none of them; nil for other sets.
    private mutating func table(_ ranges: [ClosedRange<UInt32>]) -> Int32? {
        guard hasRuns, !ranges.isEmpty else { return nil }
        let beyond = ranges.filter { $0.upperBound >= 0x80 }.map { max($0.lowerBound, 0x80)...$0.upperBound }
        let isAll = beyond == [0x80...0xd7ff, 0xe000...0x10ffff]
        guard beyond.isEmpty || isAll else { return nil }
        let bytes = (0..<256).map { byte in
            byte < 0x80 ? ranges.contains { $0.contains(UInt32(byte)) } : isAll
        }
        if let known = tables.firstIndex(of: bytes) { return Int32(known) }
        tables.append(bytes)
        return Int32(tables.count - 1)
    }

    private mutating func set(_ ranges: [ClosedRange<UInt32>], before next: Int32) throws(RegexError) -> Int32 {
        let isOne = ranges.count == 1 && ranges[0].lowerBound == ranges[0].upperBound
        if !isOne, let table = table(ranges) { return try emit(Instruction(code: .set, next: next, table: table)) }
        var edges: [Edge: Int32] = [:]
        var entries: [Int32] = []
        for range in ranges { try cut(range.lowerBound, range.upperBound, next, &edges, &entries) }
        guard var entry = entries.last else {
            // The empty set matches nothing.
            return try emit(Instruction(code: .range, low: 1, high: 0, next: next))
        }
        for one in entries.dropLast().reversed() { entry = try split(one, entry, lazy: false) }
        return entry
    }

    /// Splits a range of scalars until each part is a product of byte ranges, and emits that.
    private mutating func cut(
        _ low: UInt32, _ high: UInt32, _ next: Int32, _ edges: inout [Edge: Int32], _ entries: inout [Int32]
    ) throws(RegexError) {
        for last: UInt32 in [0x7f, 0x7ff, 0xffff] where low <= last && high > last {
            try cut(low, last, next, &edges, &entries)
            try cut(last + 1, high, next, &edges, &entries)
            return
        }
        let length = low <= 0x7f ? 1 : low <= 0x7ff ? 2 : low <= 0xffff ? 3 : 4
        for tail in 1..<max(length, 1) {
            let mask: UInt32 = (1 << (6 * UInt32(tail))) - 1
            guard low & ~mask != high & ~mask else { continue }
            let middle: UInt32
            if low & mask != 0 {
                middle = low | mask
            } else if high & mask != mask {
                middle = (high & ~mask) - 1
            } else {
                continue
            }
            try cut(low, middle, next, &edges, &entries)
            try cut(middle + 1, high, next, &edges, &entries)
            return
        }
        let first = Self.encoded(low, length), last = Self.encoded(high, length)
        var entry = next
        for i in (0..<length).reversed() {
            let edge = Edge(low: first[i], high: last[i], next: entry)
            if let known = edges[edge] {
                entry = known
            } else {
                entry = try emit(Instruction(code: .range, low: edge.low, high: edge.high, next: edge.next))
                edges[edge] = entry
            }
        }
        // The set is disjoint, so two parts never share their first byte range.
        entries.append(entry)
    }

    private static func encoded(_ scalar: UInt32, _ length: Int) -> [UInt8] {
        guard length > 1 else { return [UInt8(truncatingIfNeeded: scalar)] }
        let lead: [UInt32] = [0, 0, 0xc0, 0xe0, 0xf0]
        var bytes = [UInt8(truncatingIfNeeded: lead[length] | scalar >> (6 * UInt32(length - 1)))]
        for i in (0..<(length - 1)).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | (scalar >> (6 * UInt32(i)) & 0x3f)))
        }
        return bytes
    }
}
