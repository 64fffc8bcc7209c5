/// Finds where a group of a regular expression matched: leftmost match, alternatives preferred in the order written, as
/// Perl does.
///
/// Threads of the automaton run side by side, so time is at most text times expression. Source: the Pike machine, as told
/// in Russ Cox, "Regular Expression Matching: the Virtual Machine Approach" (2009).
final class PatternCapture {
    private let program: PatternProgram
    private let search: PatternSearch
    private let literal: Bool

    /// Threads in order of preference: waiting instructions, each with the range of the group so far.
    private struct Threads {
        var order: [Int32] = []
        var ranges: [Range]
        var seen: [UInt32]
        var generation: UInt32 = 1

        init(size: Int) {
            ranges = [Range](repeating: Range(), count: size)
            seen = [UInt32](repeating: 0, count: size)
        }

        mutating func clear() {
            order.removeAll(keepingCapacity: true)
            generation &+= 1
        }
    }

    /// Where a group begins and ends in bytes; -1: it took no part.
    struct Range {
        var begin = -1
        var end = -1
    }

    private var threads: Threads
    private var following: Threads
    private var stack: [(Int32, Range)] = []
    /// Instructions followed, for the test of linear time.
    private(set) var work = 0

    /// - Parameter group: 0 for the whole match.
    init(_ pattern: Pattern, group: Int) throws(PatternError) {
        program = try PatternProgram(pattern.node, capturing: group)
        search = try PatternSearch(pattern)
        literal = pattern.literal != nil
        threads = Threads(size: program.instructions.count)
        following = Threads(size: program.instructions.count)
    }

    /// The range of the group in the first match in `text`; nil when nothing matches or the group took no part.
    func find(in text: UnsafeRawBufferPointer) -> Swift.Range<Int>? {
        // Most texts that do not match are told apart by the fast machine.
        guard search.matches(text) else { return nil }
        var best: Range?
        threads.clear()
        following.clear()
        var place = 0
        while true {
            if best == nil, place == 0 || !program.isAnchored {
                follow(program.start, Range(), at: place, of: text.count, &threads)
            }
            if threads.order.isEmpty && (best != nil || program.isAnchored) { break }
            following.clear()
            for index in threads.order {
                let instruction = program.instructions[Int(index)]
                let range = threads.ranges[Int(index)]
                if instruction.code == .match {
                    best = range
                    // What comes behind it is less preferred.
                    break
                }
                if place < text.count, instruction.low <= text[place], text[place] <= instruction.high {
                    follow(instruction.next, range, at: place + 1, of: text.count, &following)
                }
            }
            swap(&threads, &following)
            if place >= text.count { break }
            place += 1
        }
        guard let best, best.begin >= 0, best.end >= best.begin else { return nil }
        return best.begin..<best.end
    }

    /// Adds what can be reached from `entry` without a byte, in order of preference.
    private func follow(_ entry: Int32, _ range: Range, at place: Int, of count: Int, _ list: inout Threads) {
        stack.append((entry, range))
        while let (index, range) = stack.popLast() {
            guard list.seen[Int(index)] != list.generation else { continue }
            list.seen[Int(index)] = list.generation
            work &+= 1
            let instruction = program.instructions[Int(index)]
            switch instruction.code {
            case .range, .match:
                list.order.append(index)
                list.ranges[Int(index)] = range
            case .split:
                stack.append((instruction.other, range))
                stack.append((instruction.next, range))
            case .save:
                var changed = range
                if instruction.other == 0 { changed.begin = place } else { changed.end = place }
                stack.append((instruction.next, changed))
            case .begin: if place == 0 { stack.append((instruction.next, range)) }
            case .end: if place == count { stack.append((instruction.next, range)) }
            }
        }
    }
}
