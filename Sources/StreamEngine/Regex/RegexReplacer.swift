/// Replaces all matches of a regular expression in a text.
///
/// A match is the leftmost one, preferring alternatives in the order written, like Perl; the next one begins where it
/// ends. Finding it goes back to the last alternative, but never visits an instruction twice at the same byte: what failed
/// once fails again, also from a later start. So the time for all matches of a text is at most text times expression,
/// where an automaton that runs once for each match may need the square of the text. Source: the bit-state matcher of RE2
/// (Cox, 2010).
final class RegexReplacer {
    /// What is still to be tried: the instruction at `index` from `place` on. If the index is negative, slot `~index`
    /// gets its former value `place` back.
    private struct Alternative {
        var index: Int32
        var place: Int32
    }

    /// A part of the replacement: a group, by the slot of its start, or else a range of `literals`.
    private struct Part {
        var slot: Int
        var text: Range<Int>
    }

    private let program: RegexProgram
    private let search: LazyDFA
    private var parts: [Part] = []
    private var literals: [UInt8] = []
    private let instructions: UnsafeMutablePointer<RegexProgram.Instruction>
    private let size: Int
    /// The bytes with which a match can begin; all if it can be empty.
    private let beginnings: UnsafeMutablePointer<Bool>
    private let slots: UnsafeMutablePointer<Int>
    private let slotCount: Int
    /// A bit for each instruction at each byte.
    private var visited: UnsafeMutablePointer<UInt64>
    private var visitedCount = 64
    private var alternatives: UnsafeMutablePointer<Alternative>
    private var alternativeCount = 256
    private var buffer = ByteBuffer()
    /// The number of instructions followed so far, for the test of linear time.
    private(set) var work = 0

    /// Longer results are null, and so are results that need more than 64 MiB of bits to find.
    private static let sizeLimit = 1 << 24
    private static let visitedLimit = 1 << 23

    init(_ pattern: Regex, _ replacement: RegexReplacement) throws(RegexError) {
        let groups = replacement.groups
        program = try RegexProgram(pattern.node, capturing: groups)
        search = try LazyDFA(pattern)
        for part in replacement.parts {
            switch part {
            case .text(let text):
                parts.append(Part(slot: -1, text: literals.count..<literals.count + text.count))
                literals += text
            case .group(let group):
                parts.append(Part(slot: 2 * (groups.firstIndex(of: group) ?? 0), text: 0..<0))
            }
        }
        size = program.instructions.count
        instructions = .allocate(capacity: size)
        for (index, instruction) in program.instructions.enumerated() {
            (instructions + index).initialize(to: instruction)
        }
        beginnings = .allocate(capacity: 256)
        beginnings.initialize(repeating: false, count: 256)
        slotCount = 2 * groups.count
        slots = .allocate(capacity: slotCount)
        slots.initialize(repeating: -1, count: slotCount)
        visited = .allocate(capacity: visitedCount)
        alternatives = .allocate(capacity: alternativeCount)
        noteBeginnings()
    }

    deinit {
        instructions.deallocate()
        beginnings.deallocate()
        slots.deallocate()
        visited.deallocate()
        alternatives.deallocate()
    }

    private func noteBeginnings() {
        var seen = [Bool](repeating: false, count: size)
        var stack = [program.start]
        while let index = stack.popLast() {
            guard !seen[Int(index)] else { continue }
            seen[Int(index)] = true
            let instruction = instructions[Int(index)]
            switch instruction.code {
            case .range:
                guard instruction.low <= instruction.high else { continue }
                for byte in instruction.low...instruction.high { beginnings[Int(byte)] = true }
            case .split: stack += [instruction.next, instruction.other]
            case .save, .begin: stack.append(instruction.next)
            // Its program has no sets and runs.
            case .end, .match, .set, .run: beginnings.update(repeating: true, count: 256)
            }
        }
    }

    /// The text with every match replaced; the value itself if there is none.
    func replace(in value: Value, _ arena: inout ByteArena) -> Value {
        let text = value.bytes
        guard search.matches(text) else { return value }
        guard text.count <= Self.sizeLimit, forget(text.count &+ 1) else { return .null }
        buffer.removeAll()
        var copied = 0
        var place = 0
        while let match = find(in: text, from: place) {
            buffer.append(UnsafeRawBufferPointer(rebasing: text[copied..<match.lowerBound]))
            appendReplacement(text)
            guard buffer.count <= Self.sizeLimit else { return .null }
            copied = match.upperBound
            place = match.upperBound
            // After an empty match, the search goes on behind the next character.
            if match.isEmpty { place = boundary(text, after: place) }
        }
        buffer.append(UnsafeRawBufferPointer(rebasing: text[copied...]))
        return Value(arena.copy(buffer))
    }

    /// The start of the character after the one at `place`; behind the end, one more than the length.
    private func boundary(_ text: UnsafeRawBufferPointer, after place: Int) -> Int {
        var next = place &+ 1
        while next < text.count, text[next] & 0xc0 == 0x80 { next &+= 1 }
        return next
    }

    private func appendReplacement(_ text: UnsafeRawBufferPointer) {
        literals.withUnsafeBytes { literals in
            for part in parts {
                guard part.slot >= 0 else {
                    buffer.append(UnsafeRawBufferPointer(rebasing: literals[part.text]))
                    continue
                }
                let start = slots[part.slot], end = slots[part.slot &+ 1]
                // A group that took no part in the match is empty.
                if start >= 0, end > start { buffer.append(UnsafeRawBufferPointer(rebasing: text[start..<end])) }
            }
        }
    }

    // MARK: Matching

    /// Clears the bits for a text with this many places. Returns false if it would take too many.
    private func forget(_ places: Int) -> Bool {
        let (bits, overflow) = places.multipliedReportingOverflow(by: size)
        let words = bits / 64 &+ 1
        guard !overflow, words <= Self.visitedLimit else { return false }
        if words > visitedCount {
            visited.deallocate()
            visitedCount = max(words, min(2 * visitedCount, Self.visitedLimit))
            visited = .allocate(capacity: visitedCount)
        }
        visited.initialize(repeating: 0, count: words)
        return true
    }

    private func find(in text: UnsafeRawBufferPointer, from first: Int) -> Range<Int>? {
        var place = first
        while place <= text.count {
            if program.isAnchored, place > 0 { return nil }
            let isPossible = place == text.count || beginnings[Int(text[place])]
            if isPossible, matches(text, from: place) {
                let end = slots[1]
                // What led to this match may lead to the next one.
                forgetVisits(at: end)
                return slots[0]..<end
            }
            place = boundary(text, after: place)
        }
        return nil
    }

    private func forgetVisits(at place: Int) {
        for cell in place &* size..<(place &+ 1) &* size { visited[cell >> 6] &= ~(1 << UInt64(cell & 63)) }
    }

    /// Whether there is a match that begins at `start`; stores its groups in the slots.
    private func matches(_ text: UnsafeRawBufferPointer, from start: Int) -> Bool {
        slots.update(repeating: -1, count: slotCount)
        alternatives[0] = Alternative(index: program.start, place: Int32(truncatingIfNeeded: start))
        var depth = 1
        var followed = 0
        defer { work &+= followed }
        while depth > 0 {
            depth &-= 1
            let alternative = alternatives[depth]
            if alternative.index < 0 {
                slots[Int(~alternative.index)] = Int(alternative.place)
                continue
            }
            var index = Int(alternative.index)
            var place = Int(alternative.place)
            path: while true {
                let cell = place &* size &+ index
                let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: cell & 63)
                if visited[cell >> 6] & bit != 0 { break path }
                visited[cell >> 6] |= bit
                followed &+= 1
                let instruction = instructions[index]
                switch instruction.code {
                case .range:
                    guard place < text.count, instruction.low <= text[place], text[place] <= instruction.high else {
                        break path
                    }
                    place &+= 1
                case .split:
                    push(Alternative(index: instruction.other, place: Int32(truncatingIfNeeded: place)), &depth)
                case .save:
                    let slot = Int(instruction.other)
                    push(
                        Alternative(index: ~instruction.other, place: Int32(truncatingIfNeeded: slots[slot])), &depth)
                    slots[slot] = place
                case .begin: if place != 0 { break path }
                case .end: if place != text.count { break path }
                case .match: return true
                case .set, .run: break path
                }
                index = Int(instruction.next)
            }
        }
        return false
    }

    @inline(__always) private func push(_ alternative: Alternative, _ depth: inout Int) {
        if depth == alternativeCount { growAlternatives() }
        alternatives[depth] = alternative
        depth &+= 1
    }

    @inline(never) private func growAlternatives() {
        alternatives = SearchStack.doubled(alternatives, alternativeCount)
        alternativeCount *= 2
    }
}
