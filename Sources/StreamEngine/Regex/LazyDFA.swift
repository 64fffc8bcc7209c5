/// Tests whether a regular expression matches anywhere in a text, with a deterministic automaton that is built as
/// needed.
///
/// Each byte of text costs one table lookup, plus the construction of each new state. The table is discarded when it
/// grows too large, so memory is bounded and time stays linear. Source: the lazy DFA of RE2 (Cox, 2010).
final class LazyDFA {
    private let program: RegexProgram
    /// The bytes to search for, if the expression is plain text.
    private let literal: UnsafeMutableRawBufferPointer?
    private let atBegin: Bool
    private let atEnd: Bool
    /// The column of each byte in the table. Bytes that the expression does not distinguish share a column.
    private let classes: UnsafeMutablePointer<UInt8>
    private let classCount: Int

    private static let dead: Int32 = 0
    private static let matched: Int32 = 1
    private static let start: Int32 = 2
    private static let stateLimit = 2048

    private let table: UnsafeMutablePointer<Int32>
    private var sets: [[Int32]] = []
    private var matchesAtEnd: [Bool] = []
    private var known: [[Int32]: Int32] = [:]
    private var matchesEmpty = false

    private var stack: [Int32] = []
    private var seen: [UInt32]
    private var generation: UInt32 = 0
    /// The number of instructions followed so far, for the test of linear time.
    private(set) var work = 0

    init(_ pattern: Regex) throws(RegexError) {
        program = try RegexProgram(pattern.node, capturing: [])
        let plain = pattern.literal
        atBegin = plain?.atBegin ?? false
        atEnd = plain?.atEnd ?? false
        literal = plain.map { plain in
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: plain.bytes.count, alignment: 1)
            memory.copyBytes(from: plain.bytes)
            return memory
        }
        seen = [UInt32](repeating: 0, count: program.instructions.count)
        var boundary = [Bool](repeating: false, count: 257)
        for instruction in program.instructions where instruction.code == .range {
            // The empty set has no bytes.
            guard instruction.low <= instruction.high else { continue }
            boundary[Int(instruction.low)] = true
            boundary[Int(instruction.high) + 1] = true
        }
        classes = .allocate(capacity: 256)
        var current = 0
        for byte in 0..<256 {
            if byte > 0 && boundary[byte] { current += 1 }
            classes[byte] = UInt8(truncatingIfNeeded: current)
        }
        classCount = current + 1
        table = .allocate(capacity: Self.stateLimit * classCount)
        forget()
    }

    deinit {
        classes.deallocate()
        table.deallocate()
        literal?.deallocate()
    }

    /// Whether there is a match anywhere in `text`.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        if let literal { return matches(UnsafeRawBufferPointer(literal), text) }
        if text.isEmpty { return matchesEmpty }
        // Locals, because the compiler would reload the fields after every call.
        let table = table, classes = classes, width = classCount
        var state = Self.start
        for byte in text {
            let column = Int(classes[Int(byte)])
            var next = table[Int(state) &* width &+ column]
            if next < 0 { next = build(state, column, byte) }
            if next <= Self.matched { return next == Self.matched }
            state = next
        }
        return matchesAtEnd[Int(state)]
    }

    private func matches(_ literal: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer) -> Bool {
        if atBegin { return atEnd ? compareBytes(literal, text) == 0 : hasPrefix(text, literal) }
        return atEnd ? hasSuffix(text, literal) : findBytes(literal, in: text, from: 0) >= 0
    }

    // MARK: States

    /// Removes all but the fixed states from the table.
    private func forget() {
        // A row is initialised when its state is added.
        table.initialize(repeating: -1, count: 3 * classCount)
        sets = [[], []]
        matchesAtEnd = [false, true]
        known = [:]
        let entry = closure([program.start], atBegin: true, atEnd: false)
        matchesEmpty = reachesMatch(closure([program.start], atBegin: true, atEnd: true))
        sets.append(entry)
        // Only reached after a byte: the start state is never entered again.
        matchesAtEnd.append(false)
        if reachesMatch(entry) {
            for column in 0..<classCount { table[Int(Self.start) * classCount + column] = Self.matched }
        }
    }

    /// The state after `byte`; stores it in the table.
    private func build(_ state: Int32, _ column: Int, _ byte: UInt8) -> Int32 {
        var targets: [Int32] = []
        for index in sets[Int(state)] {
            let instruction = program.instructions[Int(index)]
            if instruction.code == .range, instruction.low <= byte, byte <= instruction.high {
                targets.append(instruction.next)
            }
        }
        work &+= sets[Int(state)].count
        // A match may start at every byte.
        if !program.isAnchored { targets.append(program.start) }
        let set = closure(targets, atBegin: false, atEnd: false)
        if let next = number(of: set) {
            table[Int(state) * classCount + column] = next
            return next
        }
        // The table is full: restart it with this state. The transition is not stored, as `state` is gone.
        forget()
        return add(set)
    }

    /// The number of a state, which is added if it is new; nil if the table is full.
    private func number(of set: [Int32]) -> Int32? {
        if set.isEmpty { return Self.dead }
        if reachesMatch(set) { return Self.matched }
        if let number = known[set] { return number }
        guard sets.count < Self.stateLimit else { return nil }
        return add(set)
    }

    private func add(_ set: [Int32]) -> Int32 {
        let number = Int32(sets.count)
        (table + sets.count * classCount).initialize(repeating: -1, count: classCount)
        sets.append(set)
        matchesAtEnd.append(reachesMatch(closure(set, atBegin: false, atEnd: true)))
        known[set] = number
        return number
    }

    private func reachesMatch(_ set: [Int32]) -> Bool {
        set.contains { program.instructions[Int($0)].code == .match }
    }

    /// All instructions reachable without a byte that wait for one, sorted.
    private func closure(_ entries: [Int32], atBegin: Bool, atEnd: Bool) -> [Int32] {
        var result: [Int32] = []
        generation &+= 1
        stack.append(contentsOf: entries)
        while let index = stack.popLast() {
            guard seen[Int(index)] != generation else { continue }
            seen[Int(index)] = generation
            work &+= 1
            let instruction = program.instructions[Int(index)]
            switch instruction.code {
            case .range, .match: result.append(index)
            // Not in programs without runs.
            case .set, .run: continue
            case .split:
                stack.append(instruction.next)
                stack.append(instruction.other)
            case .save: stack.append(instruction.next)
            case .begin: if atBegin { stack.append(instruction.next) }
            case .end: if atEnd { stack.append(instruction.next) } else { result.append(index) }
            }
        }
        result.sort()
        return result
    }
}

// MARK: Finding bytes
