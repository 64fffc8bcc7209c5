internal import CVector

/// Finds the ranges of all groups in the leftmost match of a regular expression, preferring alternatives in the order
/// written, like Perl.
///
/// Tries one path after the other and goes back where one fails. A run of characters does not go back if the text after
/// it cannot begin inside it, so most patterns of log lines never do. A text that takes too many steps is searched again
/// by `PikeVM`, so time stays linear. Source of the idea: possessive quantifiers (Friedl, "Mastering Regular Expressions").
final class CaptureSearch {
    /// A place to go back to: another alternative, or a shorter or longer run.
    private struct Choice {
        var index: Int32
        /// Where the alternative starts; the end of the run; or the former value of a slot.
        var place: Int32
        /// The shortest end of a greedy run.
        var least: Int32 = 0
    }

    /// How to find the end of a run.
    private enum Skip: UInt8 {
        case byTable
        /// Of the bytes that are not in the run, all are blanks, control characters or beyond ASCII.
        case word
        /// Of the bytes that are not in the run, all are `stop`, line breaks or beyond ASCII.
        case cell
    }

    private struct Instruction {
        var code: RegexProgram.Code
        var low: UInt8
        var high: UInt8
        var next: Int32
        var other: Int32
        /// For each byte, whether it is in the set or run.
        var table: UnsafePointer<Bool>
        // The rest is for runs.
        var isLazy = false
        /// Whether a shorter run cannot match.
        var isPossessive = false
        var skip = Skip.byTable
        var stop: UInt8 = 0
        /// For each byte, whether what follows the run can begin with it; nil if that can be empty.
        var follow: UnsafePointer<Bool>?
    }

    /// Bytes after a text that must be readable.
    static let padding = 16

    private let pattern: Regex
    private let isAnchored: Bool
    private let start: Int32
    private let instructions: UnsafeMutablePointer<Instruction>
    private let instructionCount: Int
    /// Starts and ends of groups in bytes: two for each group, -1 if it took no part in the match.
    let slots: UnsafeMutablePointer<Int32>
    private let slotCount: Int
    /// The bytes that a match can start with; nil if it can be empty.
    private let first: UnsafePointer<Bool>?
    private var tables: [UnsafeMutablePointer<Bool>] = []
    private var stack: UnsafeMutablePointer<Choice>
    private var capacity = 64
    private var slow: PikeVM?
    /// Steps that are left for the current text.
    private var budget = 0

    init(_ pattern: Regex) throws(RegexError) {
        let groups = Array(1..<pattern.groupCount + 1)
        let program = try RegexProgram(pattern.node, capturing: groups, hasRuns: true)
        // So that the search itself need not throw.
        slow = try PikeVM(pattern, capturing: groups)
        self.pattern = pattern
        isAnchored = program.isAnchored
        start = program.start
        slotCount = 2 * pattern.groupCount
        slots = .allocate(capacity: max(1, slotCount))
        slots.initialize(repeating: -1, count: max(1, slotCount))
        stack = .allocate(capacity: capacity)
        instructionCount = program.instructions.count
        instructions = .allocate(capacity: instructionCount)
        var tables: [UnsafeMutablePointer<Bool>] = []
        func table(_ bytes: [Bool]) -> UnsafePointer<Bool> {
            let memory = UnsafeMutablePointer<Bool>.allocate(capacity: 256)
            for byte in 0..<256 { (memory + byte).initialize(to: bytes[byte]) }
            tables.append(memory)
            return UnsafePointer(memory)
        }
        let known = program.tables.map(table)
        let none = table([Bool](repeating: false, count: 256))
        for (index, one) in program.instructions.enumerated() {
            var instruction = Instruction(
                code: one.code, low: one.low, high: one.high, next: one.next, other: one.other, table: none,
                isLazy: one.isLazy)
            if one.code == .set || one.code == .run {
                let bytes = program.tables[Int(one.table)]
                instruction.table = known[Int(one.table)]
                let follow = program.firstBytes(after: one.next)
                let overlaps = (0..<256).contains { bytes[$0] && follow.bytes[$0] }
                instruction.isPossessive = follow.alwaysMatches || !overlaps && !follow.hasBegin
                if !follow.isNullable { instruction.follow = table(follow.bytes) }
                let stops = (0..<0x80).filter { !bytes[$0] }
                if stops.count < 0x80 - 32, stops.allSatisfy({ $0 <= 0x20 }) {
                    instruction.skip = .word
                } else {
                    let others = stops.filter { $0 != 0x0a && $0 != 0x0d }
                    if others.count <= 1 {
                        instruction.skip = .cell
                        instruction.stop = UInt8(others.first ?? 0x0a)
                    }
                }
            }
            (instructions + index).initialize(to: instruction)
        }
        let beginning = program.firstBytes(after: program.start)
        first = beginning.isNullable ? nil : table(beginning.bytes)
        self.tables = tables
    }

    deinit {
        for table in tables { table.deallocate() }
        instructions.deallocate()
        slots.deallocate()
        stack.deallocate()
    }

    /// Whether there is a match in `text`, which must be UTF-8; `slots` are then those of the first one. The bytes after
    /// the text must be readable (`padding`).
    func matches(_ text: UnsafeRawPointer, count: Int) -> Bool {
        budget = 8 &* count &+ 1024
        var place = 0
        repeat {
            if let first, place < count, !first[Int(byte(text, place))] { continue }
            if attempt(text, count, from: place) { return true }
            if budget < 0 { return matchesSlowly(UnsafeRawBufferPointer(start: text, count: count)) }
            if isAnchored { return false }
        } while advance(&place, text, count)
        return false
    }

    /// Moves to the next character; false at the end of the text.
    @inline(__always) private func advance(_ place: inout Int, _ text: UnsafeRawPointer, _ count: Int) -> Bool {
        place &+= 1
        while place < count, byte(text, place) & 0xc0 == 0x80 { place &+= 1 }
        return place <= count
    }

    @inline(never) private func matchesSlowly(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let found = slow?.match(text) else { return false }
        slots.update(from: found, count: slotCount)
        return true
    }

    /// Looks for a match that starts at `place`. Gives up, with a negative budget, if that takes too many steps.
    private func attempt(_ text: UnsafeRawPointer, _ count: Int, from start: Int) -> Bool {
        let instructions = instructions, slots = slots
        var depth = 0
        var place = start
        var left = budget
        var index = Int(self.start)
        slots.update(repeating: -1, count: slotCount)
        defer { budget = left }
        while true {
            left &-= 1
            if left < 0 { return false }
            let instruction = instructions + index
            switch instruction.pointee.code {
            case .range:
                let next = byte(text, place)
                if place < count, instruction.pointee.low <= next, next <= instruction.pointee.high {
                    place &+= 1
                    index = Int(instruction.pointee.next)
                    continue
                }
            case .set:
                let next = byte(text, place)
                if place < count, instruction.pointee.table[Int(next)] {
                    place &+= 1
                    if next >= 0x80 { while place < count, byte(text, place) & 0xc0 == 0x80 { place &+= 1 } }
                    index = Int(instruction.pointee.next)
                    continue
                }
            case .run:
                let begin = place
                if instruction.pointee.isLazy {
                    if instruction.pointee.low == 0 || extend(&place, instruction, text, count) {
                        push(
                            Choice(index: Int32(truncatingIfNeeded: index), place: Int32(truncatingIfNeeded: place)),
                            &depth)
                        index = Int(instruction.pointee.next)
                        continue
                    }
                } else {
                    place = end(of: instruction, from: place, text, count)
                    if place > begin || instruction.pointee.low == 0 {
                        left &-= (place &- begin) >> 4
                        if !instruction.pointee.isPossessive, place > begin {
                            var least = begin
                            if instruction.pointee.low == 0 || extend(&least, instruction, text, count) {
                                push(
                                    Choice(
                                        index: Int32(truncatingIfNeeded: index),
                                        place: Int32(truncatingIfNeeded: place),
                                        least: Int32(truncatingIfNeeded: least)), &depth)
                            }
                        }
                        index = Int(instruction.pointee.next)
                        continue
                    }
                }
            case .split:
                push(Choice(index: Int32(truncatingIfNeeded: index), place: Int32(truncatingIfNeeded: place)), &depth)
                index = Int(instruction.pointee.next)
                continue
            case .save:
                let slot = Int(instruction.pointee.other)
                if depth > 0 { push(Choice(index: Int32(truncatingIfNeeded: index), place: slots[slot]), &depth) }
                slots[slot] = Int32(truncatingIfNeeded: place)
                index = Int(instruction.pointee.next)
                continue
            case .begin:
                if place == 0 {
                    index = Int(instruction.pointee.next)
                    continue
                }
            case .end:
                if place == count {
                    index = Int(instruction.pointee.next)
                    continue
                }
            case .match: return true
            }
            guard goBack(&index, &place, text, count, &depth, &left) else { return false }
        }
    }

    /// Goes back to the last choice and takes the next alternative of it.
    ///
    /// - Returns: false if there is none.
    @inline(__always)
    private func goBack(
        _ index: inout Int, _ place: inout Int, _ text: UnsafeRawPointer, _ count: Int, _ depth: inout Int,
        _ left: inout Int
    ) -> Bool {
        while depth > 0 {
            let choice = stack[depth &- 1]
            let instruction = instructions + Int(choice.index)
            switch instruction.pointee.code {
            case .save:
                slots[Int(instruction.pointee.other)] = choice.place
                depth &-= 1
                continue
            case .run where instruction.pointee.isLazy:
                place = Int(choice.place)
                guard lengthen(&place, instruction, text, count, &left) else {
                    depth &-= 1
                    continue
                }
                stack[depth &- 1].place = Int32(truncatingIfNeeded: place)
                index = Int(instruction.pointee.next)
            case .run:
                place = Int(choice.place)
                guard shorten(&place, to: Int(choice.least), instruction, text, &left) else {
                    depth &-= 1
                    continue
                }
                stack[depth &- 1].place = Int32(truncatingIfNeeded: place)
                index = Int(instruction.pointee.next)
            default:
                depth &-= 1
                place = Int(choice.place)
                index = Int(instruction.pointee.other)
            }
            return true
        }
        return false
    }

    @inline(__always) private func push(_ choice: Choice, _ depth: inout Int) {
        if depth == capacity { grow() }
        stack[depth] = choice
        depth &+= 1
    }

    /// The budget of steps bounds the size.
    @inline(never) private func grow() {
        stack = SearchStack.doubled(stack, capacity)
        capacity *= 2
    }

    // MARK: Runs

    /// The end of the longest run that starts at `start`.
    @inline(__always)
    private func end(
        of run: UnsafeMutablePointer<Instruction>, from start: Int, _ text: UnsafeRawPointer, _ count: Int
    ) -> Int {
        var place = start
        let table = run.pointee.table
        if run.pointee.skip != .byTable {
            while place < count {
                let stops =
                    run.pointee.skip == .word
                    ? vector_word_ends(text + place) : vector_cell_ends(text + place, run.pointee.stop)
                guard stops != 0 else {
                    place &+= 16
                    continue
                }
                place &+= stops.trailingZeroBitCount
                // A stop may be in the run after all.
                while place < count, table[Int(byte(text, place))], byte(text, place) >= 0x80 { place &+= 1 }
                if place >= count { return count }
                if !table[Int(byte(text, place))] { return place }
                if byte(text, place) < 0x21 || byte(text, place) == run.pointee.stop { place &+= 1 }
            }
            return min(place, count)
        }
        while place < count, table[Int(byte(text, place))] { place &+= 1 }
        return place
    }

    /// Takes one more character into a run; false if that is not in it.
    @inline(__always)
    private func extend(
        _ place: inout Int, _ run: UnsafeMutablePointer<Instruction>, _ text: UnsafeRawPointer, _ count: Int
    ) -> Bool {
        guard place < count, run.pointee.table[Int(byte(text, place))] else { return false }
        place &+= 1
        while place < count, byte(text, place) & 0xc0 == 0x80 { place &+= 1 }
        return true
    }

    /// Takes characters into a lazy run until what follows can begin.
    @inline(__always)
    private func lengthen(
        _ place: inout Int, _ run: UnsafeMutablePointer<Instruction>, _ text: UnsafeRawPointer, _ count: Int,
        _ left: inout Int
    ) -> Bool {
        guard extend(&place, run, text, count) else { return false }
        guard let follow = run.pointee.follow else { return true }
        let table = run.pointee.table
        let begin = place
        while place < count, !follow[Int(byte(text, place))] {
            guard table[Int(byte(text, place))] else { return false }
            place &+= 1
        }
        left &-= (place &- begin) >> 3
        // What follows takes a byte.
        return place < count
    }

    /// Gives characters of a greedy run back until what follows can begin.
    @inline(__always)
    private func shorten(
        _ place: inout Int, to least: Int, _ run: UnsafeMutablePointer<Instruction>, _ text: UnsafeRawPointer,
        _ left: inout Int
    ) -> Bool {
        let begin = place
        while place > least {
            place &-= 1
            if byte(text, place) & 0xc0 == 0x80 { continue }
            guard let follow = run.pointee.follow else { return true }
            if follow[Int(byte(text, place))] {
                left &-= (begin &- place) >> 3
                return true
            }
        }
        left &-= (begin &- place) >> 3
        return false
    }
}
