@testable import StreamEngine

/// Where matches can end, by sets: every node maps the positions at which it can begin to those at which it can end.
/// Shares nothing with the automata but the syntax tree.
private struct MatchEnds {
    let text: [Unicode.Scalar]

    func ends(_ node: RegexNode, from starts: Set<Int>) -> Set<Int> {
        if starts.isEmpty { return [] }
        switch node {
        case .empty: return starts
        case .set(let ranges):
            return Set(
                starts.filter { at in at < text.count && ranges.contains { $0.contains(text[at].value) } }
                    .map { $0 + 1 })
        case .begin: return starts.filter { $0 == 0 }
        case .end: return starts.filter { $0 == text.count }
        case .group(let node, _): return ends(node, from: starts)
        case .sequence(let nodes): return nodes.reduce(starts) { ends($1, from: $0) }
        case .choice(let nodes): return nodes.reduce(into: []) { $0.formUnion(ends($1, from: starts)) }
        case .repetition(let node, let min, let max, _):
            var now = starts
            for _ in 0..<min {
                let next = ends(node, from: now)
                if next == now { break }
                now = next
            }
            var all = now
            var turns = min
            while turns < max ?? Int.max {
                now = ends(node, from: now).subtracting(all)
                if now.isEmpty { break }
                all.formUnion(now)
                turns += 1
            }
            return all
        }
    }
}

/// What replaces every match is what a search for one match after another finds.
private func checkReplacement(_ regex: Regex, _ pattern: String, _ text: [UInt8]) {
    guard let replacement = try? RegexReplacement("<$0>", groupCount: regex.groupCount),
        let replacer = try? RegexReplacer(regex, replacement), let capture = try? PikeVM(regex, group: 0)
    else { fail("\(pattern) cannot be replaced") }
    var expected: [UInt8] = []
    var place = 0
    // `^` and what follows it only match at the start of the whole text, so only then is a rest a text.
    let isAnchored = pattern.contains("^")
    while place <= text.count {
        let rest = Array(text[place...])
        guard let range = rest.withUnsafeBytes({ capture.find(in: $0) }), !isAnchored || place == 0 else { break }
        expected += rest[..<range.lowerBound] + [UInt8(ascii: "<")] + rest[range] + [UInt8(ascii: ">")]
        place += range.upperBound
        guard range.isEmpty else { continue }
        guard place < text.count else {
            place += 1
            break
        }
        // The next character as a whole.
        repeat {
            expected.append(text[place])
            place += 1
        } while place < text.count && text[place] & 0xc0 == 0x80
    }
    if place < text.count { expected += text[place...] }
    for turn in 0..<2 {
        var arena = ByteArena()
        let found = text.withUnsafeBytes { Array(replacer.replace(in: Value($0), &arena).bytes) }
        if isAnchored {
            expect(found.count >= text.count, "\(pattern) loses text")
        } else {
            expect(found == expected, "\(pattern): \(found), one by one \(expected), turn \(turn)")
        }
    }
}

/// The two automata and the sets of positions agree on whether, where first and how far an expression can match.
func checkRegex(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    let pattern = input.text()
    let subject = input.restText()
    guard let regex = try? Regex(pattern), let search = try? LazyDFA(regex) else { return }
    let scalars = Array(subject.unicodeScalars)
    let text = Array(subject.utf8)
    let matcher = MatchEnds(text: scalars)
    checkReplacement(regex, pattern, text)
    let start = (0...scalars.count).first { !matcher.ends(regex.node, from: [$0]).isEmpty }
    for turn in 0..<2 {
        let isMatch = text.withUnsafeBytes { search.matches($0) }
        expect(isMatch == (start != nil), "\(pattern) in \(subject): \(isMatch), by sets \(start as Any), turn \(turn)")
    }
    // Positions in bytes.
    let offsets = scalars.reduce(into: [0]) { $0.append($0.last.unsafelyUnwrapped + String($1).utf8.count) }
    for group in 0...min(3, regex.groupCount) {
        guard let capture = try? PikeVM(regex, group: group) else { fail("\(pattern) has no group \(group)") }
        let range = text.withUnsafeBytes { capture.find(in: $0) }
        let again = text.withUnsafeBytes { capture.find(in: $0) }
        expect(range == again, "\(pattern) in \(subject): group \(group) is \(range as Any), then \(again as Any)")
        if let range {
            expect(
                offsets.contains(range.lowerBound) && offsets.contains(range.upperBound),
                "\(pattern) in \(subject): group \(group) cuts a character")
        }
        guard group == 0 else { continue }
        expect(
            range?.lowerBound == start.map { offsets[$0] },
            "\(pattern) in \(subject) is at \(range as Any), by sets at character \(start as Any)")
        guard let start, let end = range.flatMap({ offsets.firstIndex(of: $0.upperBound) }) else { continue }
        expect(
            matcher.ends(regex.node, from: [start]).contains(end), "\(pattern) in \(subject) cannot end at \(end)")
    }
}
