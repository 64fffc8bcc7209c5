/// Finds the ranges of groups in the leftmost match of a regular expression, preferring alternatives in the order
/// written, like Perl.
///
/// Threads of the automaton run in lockstep, so time is at most text times expression. Source: the Pike machine in Russ
/// Cox, "Regular Expression Matching: the Virtual Machine Approach" (2009).
final class PikeVM {
    /// An instruction to follow; or, if `slot` is not negative, a slot to set back to `place`.
    private struct Step {
        var index: Int32
        var slot: Int32 = -1
        var place: Int32 = 0
    }

    /// The threads at one byte, in order of preference: the instruction that each waits at, and its slots.
    private struct Threads {
        let indices: UnsafeMutablePointer<Int32>
        let slots: UnsafeMutablePointer<Int32>
        var count = 0
    }

    private let program: RegexProgram
    private let search: LazyDFA
    private let instructions: UnsafeMutablePointer<RegexProgram.Instruction>
    /// Starts and ends of groups in bytes: two for each group, -1 if it took no part in the match.
    private let slotCount: Int
    private var threads: Threads
    private var following: Threads
    /// At most two entries for each instruction, and one for each slot that it sets.
    private let stack: UnsafeMutablePointer<Step>
    /// The slots of the thread that is followed.
    private let current: UnsafeMutablePointer<Int32>
    /// The slots of the best match.
    private let best: UnsafeMutablePointer<Int32>
    /// The step in which an instruction was last reached.
    private let seen: UnsafeMutablePointer<UInt64>
    private var step: UInt64 = 0
    /// The number of instructions followed so far, for the test of linear time.
    private(set) var work = 0

    /// - Parameter groups: the groups whose ranges are wanted; 0 is the whole match.
    init(_ pattern: Regex, capturing groups: [Int]) throws(RegexError) {
        program = try RegexProgram(pattern.node, capturing: groups)
        search = try LazyDFA(pattern)
        let size = program.instructions.count
        let slotCount = 2 * groups.count
        self.slotCount = slotCount
        instructions = .allocate(capacity: size)
        for (index, instruction) in program.instructions.enumerated() {
            (instructions + index).initialize(to: instruction)
        }
        func makeThreads() -> Threads {
            Threads(indices: .allocate(capacity: size), slots: .allocate(capacity: max(1, size * slotCount)))
        }
        threads = makeThreads()
        following = makeThreads()
        stack = .allocate(capacity: 3 * size + 1)
        current = .allocate(capacity: max(1, slotCount))
        best = .allocate(capacity: max(1, slotCount))
        seen = .allocate(capacity: size)
        seen.initialize(repeating: 0, count: size)
    }

    /// - Parameter group: 0 for the whole match.
    convenience init(_ pattern: Regex, group: Int) throws(RegexError) {
        try self.init(pattern, capturing: [group])
    }

    deinit {
        instructions.deallocate()
        for list in [threads, following] {
            list.indices.deallocate()
            list.slots.deallocate()
        }
        stack.deallocate()
        current.deallocate()
        best.deallocate()
        seen.deallocate()
    }

    /// The range of the only wanted group in the first match in `text`; nil if nothing matches or the group took no part.
    func find(in text: UnsafeRawBufferPointer) -> Swift.Range<Int>? {
        guard let slots = match(text), slots[0] >= 0, slots[1] >= slots[0] else { return nil }
        return Int(slots[0])..<Int(slots[1])
    }

    /// The slots of the first match in `text`, valid until the next call; nil if nothing matches.
    func match(_ text: UnsafeRawBufferPointer) -> UnsafePointer<Int32>? {
        // The automaton rejects most texts that do not match, much faster.
        guard search.matches(text) else { return nil }
        let isAnchored = program.isAnchored
        var hasMatch = false
        var place = 0
        step &+= 1
        threads.count = 0
        while true {
            if !hasMatch && (place == 0 || !isAnchored) {
                current.update(repeating: -1, count: slotCount)
                follow(program.start, at: place, of: text.count, &threads)
            }
            if threads.count == 0 && (hasMatch || isAnchored) { break }
            step &+= 1
            following.count = 0
            for position in 0..<threads.count {
                let instruction = instructions[Int(threads.indices[position])]
                let slots = threads.slots + position &* slotCount
                if instruction.code == .match {
                    hasMatch = true
                    best.update(from: slots, count: slotCount)
                    // Later threads are less preferred.
                    break
                }
                if place < text.count, instruction.low <= text[place], text[place] <= instruction.high {
                    current.update(from: slots, count: slotCount)
                    follow(instruction.next, at: place &+ 1, of: text.count, &following)
                }
            }
            swap(&threads, &following)
            if place >= text.count { break }
            place &+= 1
        }
        return hasMatch ? UnsafePointer(best) : nil
    }

    /// Adds the threads reachable from `entry` without a byte to `list`, in order of preference, with the slots in
    /// `current`.
    @inline(__always)
    private func follow(_ entry: Int32, at place: Int, of end: Int, _ list: inout Threads) {
        let instructions = instructions, stack = stack, seen = seen, current = current, step = step
        stack[0] = Step(index: entry)
        var depth = 1
        var followed = 0
        while depth > 0 {
            depth &-= 1
            let entry = stack[depth]
            if entry.slot >= 0 {
                current[Int(entry.slot)] = entry.place
                continue
            }
            let index = Int(entry.index)
            if seen[index] == step { continue }
            seen[index] = step
            followed &+= 1
            let instruction = instructions[index]
            switch instruction.code {
            case .range, .match:
                list.indices[list.count] = entry.index
                (list.slots + list.count &* slotCount).update(from: current, count: slotCount)
                list.count &+= 1
                continue
            // Not in programs without runs.
            case .set, .run: continue
            case .split:
                stack[depth] = Step(index: instruction.other)
                depth &+= 1
            case .save:
                stack[depth] = Step(index: 0, slot: instruction.other, place: current[Int(instruction.other)])
                depth &+= 1
                current[Int(instruction.other)] = Int32(truncatingIfNeeded: place)
            case .begin: if place != 0 { continue }
            case .end: if place != end { continue }
            }
            stack[depth] = Step(index: instruction.next)
            depth &+= 1
        }
        work &+= followed
    }
}
