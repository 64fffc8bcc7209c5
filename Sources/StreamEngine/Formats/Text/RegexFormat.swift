/// How a regular expression divides a line into fields.
package struct RegexLayout: Equatable, Sendable {
    package let pattern: Regex
    /// The field of each group; nil if it has none.
    package let names: [String?]
    /// Whether lines without a match are filtered, not rejected.
    package let skipsUnmatched: Bool

    /// - Parameter columns: the names of the groups that have none, in order; nil if these are not wanted.
    package init(_ pattern: Regex, columns: [String]? = nil, skipsUnmatched: Bool = false) throws(RegexError) {
        self.pattern = pattern
        self.skipsUnmatched = skipsUnmatched
        var rest = (columns ?? [])[...]
        names = pattern.groupNames.map { $0 ?? rest.popFirst() }
        // So that a pattern that is too large is an error here.
        _ = try CaptureSearch(pattern)
    }
}

/// Lines that a regular expression divides into fields: the groups of its first match, anywhere in the line.
///
/// A group that took no part in the match is null. Of several groups of a name, the last one that took part counts.
struct RegexFormat: LineFormat, ~Copyable {
    var scan: LineScan
    private let search: CaptureSearch?
    private let skipsUnmatched: Bool
    private let groups: UnsafeMutableBufferPointer<Group>

    /// A group whose text is wanted.
    private struct Group {
        /// The index of its start in the slots.
        var slot: Int
        var target: FieldTarget
        /// Whether no group before it has the same name.
        var isFirst: Bool
    }

    init(fields: [FieldPath], maxLine: Int, _ layout: RegexLayout) {
        var scan = LineScan(fields, maxLine: maxLine)
        var groups: [Group] = []
        for (index, name) in layout.names.enumerated() {
            guard let name else { continue }
            let target = scan.target(name)
            guard target.isWanted else { continue }
            groups.append(
                Group(slot: 2 * index, target: target, isFirst: !layout.names[..<index].contains(name)))
        }
        self.groups = .allocate(capacity: groups.count)
        _ = self.groups.initialize(from: groups)
        // The layout has tried it.
        search = try? CaptureSearch(layout.pattern)
        skipsUnmatched = layout.skipsUnmatched
        self.scan = scan
    }

    deinit { groups.deallocate() }

    mutating func readRecord(_ base: UnsafeRawPointer, from start: Int, _ arena: inout ByteArena) -> LineEnd {
        let end = scan.endOfText(base, from: start)
        guard end.isUTF8 else { return .rejected(start, .badUTF8) }
        if end.text == start { return .blank(end.index) }
        let text = base + start
        guard let search, search.matches(text, count: end.text &- start) else {
            return skipsUnmatched ? LineEnd(index: end.index, status: .filtered) : .rejected(start, .noMatch)
        }
        let slots = search.slots
        for group in groups {
            let (from, to) = (slots[group.slot], slots[group.slot &+ 1])
            if from >= 0, to >= from {
                scan.put(text, Int(from), Int(to), group.target)
            } else if group.isFirst {
                scan.put(.null, group.target)
            }
        }
        return .valid(end.index)
    }
}
