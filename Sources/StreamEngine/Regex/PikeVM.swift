/// Finds the range of a group in the leftmost match of a regular expression, preferring alternatives in the order
/// written, like Perl.
///
/// Threads of the automaton run in lockstep, so time is at most text times expression. Source: the Pike machine in Russ
/// Cox, "Regular Expression Matching: the Virtual Machine Approach" (2009).
final class PikeVM {
    /// Start and end of a group in bytes; -1 if it did not take part in the match.
    private struct Range {
        var begin = -1
        var end = -1
    }

    /// A thread: the instruction it waits at and the range of the group so far.
    private struct Thread {
        var index: Int32
        var range: Range
    }

    private let program: RegexProgram
    private let search: LazyDFA
    private let instructions: UnsafeMutablePointer<RegexProgram.Instruction>
    /// The threads at this byte and at the next, in order of preference.
    private var threads: UnsafeMutablePointer<Thread>
    private var following: UnsafeMutablePointer<Thread>
    /// At most two entries for each instruction.
    private let stack: UnsafeMutablePointer<Thread>
    /// The step in which an instruction was last reached.
    private let seen: UnsafeMutablePointer<UInt64>
    private var step: UInt64 = 0
    /// The number of instructions followed so far, for the test of linear time.
    private(set) var work = 0

    /// - Parameter group: 0 for the whole match.
    init(_ pattern: Regex, group: Int) throws(RegexError) {
        program = try RegexProgram(pattern.node, capturing: [group])
        search = try LazyDFA(pattern)
        let size = program.instructions.count
        instructions = .allocate(capacity: size)
        for (index, instruction) in program.instructions.enumerated() {
            (instructions + index).initialize(to: instruction)
        }
        threads = .allocate(capacity: size)
        following = .allocate(capacity: size)
        stack = .allocate(capacity: 2 * size + 1)
        seen = .allocate(capacity: size)
        seen.initialize(repeating: 0, count: size)
    }

    deinit {
        instructions.deallocate()
        threads.deallocate()
        following.deallocate()
        stack.deallocate()
        seen.deallocate()
    }

    /// The range of the group in the first match in `text`; nil if nothing matches or the group took no part.
    func find(in text: UnsafeRawBufferPointer) -> Swift.Range<Int>? {
        // The automaton rejects most texts that do not match, much faster.
        guard search.matches(text) else { return nil }
        let isAnchored = program.isAnchored
        var best: Range?
        var count = 0
        var place = 0
        step &+= 1
        while true {
            if best == nil && (place == 0 || !isAnchored) {
                follow(program.start, Range(), at: place, of: text.count, threads, &count)
            }
            if count == 0 && (best != nil || isAnchored) { break }
            step &+= 1
            var next = 0
            for position in 0..<count {
                let thread = threads[position]
                let instruction = instructions[Int(thread.index)]
                if instruction.code == .match {
                    best = thread.range
                    // Later threads are less preferred.
                    break
                }
                if place < text.count, instruction.low <= text[place], text[place] <= instruction.high {
                    follow(instruction.next, thread.range, at: place &+ 1, of: text.count, following, &next)
                }
            }
            swap(&threads, &following)
            count = next
            if place >= text.count { break }
            place &+= 1
        }
        guard let best, best.begin >= 0, best.end >= best.begin else { return nil }
        return best.begin..<best.end
    }

    /// Adds the threads reachable from `entry` without a byte to `list`, in order of preference.
    @inline(__always) private func follow(
        _ entry: Int32, _ range: Range, at place: Int, of end: Int, _ list: UnsafeMutablePointer<Thread>,
        _ count: inout Int
    ) {
        let instructions = instructions, stack = stack, seen = seen, step = step
        stack[0] = Thread(index: entry, range: range)
        var depth = 1
        var followed = 0
        while depth > 0 {
            depth &-= 1
            var thread = stack[depth]
            let index = Int(thread.index)
            if seen[index] == step { continue }
            seen[index] = step
            followed &+= 1
            let instruction = instructions[index]
            switch instruction.code {
            case .range, .match:
                list[count] = thread
                count &+= 1
                continue
            case .split:
                stack[depth] = Thread(index: instruction.other, range: thread.range)
                depth &+= 1
            case .save: if instruction.other == 0 { thread.range.begin = place } else { thread.range.end = place }
            case .begin: if place != 0 { continue }
            case .end: if place != end { continue }
            }
            thread.index = instruction.next
            stack[depth] = thread
            depth &+= 1
        }
        work &+= followed
    }
}
