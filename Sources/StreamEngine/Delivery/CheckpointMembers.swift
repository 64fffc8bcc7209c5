/// The reason why a text is not a valid checkpoint.
package enum CheckpointTextError: Error, Equatable {
    case notJSON(ControlJSONError)
    case notObject
    /// This member is missing, occurs twice, or has an invalid value.
    case member(String)
    /// Every member is valid, but they are not those that were written.
    case checksum
}

extension CheckpointTextError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notJSON(let error): error.description
        case .notObject: "not an object"
        case .member(let name): "no valid member '\(name)'"
        case .checksum: "its checksum does not match"
        }
    }
}

/// Visits the members of a checkpoint in the order of its text. Writing and reading share this list, so they cannot
/// disagree.
protocol MemberVisitor {
    mutating func constant(_ name: String, _ value: Int64)
    mutating func integer(_ name: String, _ value: inout Int64)
    /// An integer that is left out if it is 0.
    mutating func optional(_ name: String, _ value: inout Int64)
    /// An integer that cannot be negative.
    mutating func count(_ name: String, _ value: inout Int)
    mutating func boolean(_ name: String, _ value: inout Bool)
    mutating func text(_ name: String, _ value: inout String)
    /// An integer in digits; empty for none. Earlier versions stored the unit of epoch numbers here, which is ignored.
    mutating func anchor(_ name: String, _ value: inout Int64?)
    /// A list that is left out if it is empty.
    mutating func generations(_ name: String, _ value: inout [GenerationCheckpoint])
    /// The same.
    mutating func tables(_ name: String, _ value: inout [TableCheckpoint])
    /// The same.
    mutating func stages(_ name: String, _ value: inout [StageStart])
}

/// Collects the members with their values.
struct MemberWriter: MemberVisitor {
    private(set) var members: [ControlJSON.Member] = []
    /// Appended to every name.
    var suffix = ""

    init() {}

    var names: [String] { members.map(\.name) }
    var text: String { ControlJSON.object(members).json }

    private mutating func add(_ name: String, _ value: ControlJSON) {
        members.append(ControlJSON.Member(name + suffix, value))
    }

    mutating func constant(_ name: String, _ value: Int64) { add(name, .integer(value)) }
    mutating func integer(_ name: String, _ value: inout Int64) { add(name, .integer(value)) }
    mutating func optional(_ name: String, _ value: inout Int64) { if value != 0 { add(name, .integer(value)) } }
    mutating func count(_ name: String, _ value: inout Int) { add(name, .integer(Int64(value))) }
    mutating func boolean(_ name: String, _ value: inout Bool) { add(name, .boolean(value)) }
    mutating func text(_ name: String, _ value: inout String) { add(name, .text(value)) }
    mutating func anchor(_ name: String, _ value: inout Int64?) { add(name, .text(value.map { "\($0)" } ?? "")) }
    mutating func generations(_ name: String, _ value: inout [GenerationCheckpoint]) {
        if !value.isEmpty { add(name, .array(value.map(\.tree))) }
    }
    mutating func tables(_ name: String, _ value: inout [TableCheckpoint]) {
        if !value.isEmpty { add(name, .array(value.map(\.tree))) }
    }
    mutating func stages(_ name: String, _ value: inout [StageStart]) {
        if !value.isEmpty { add(name, .array(value.map(\.tree))) }
    }
}

/// The members of an object, each with its position in the order of a visit.
func memberColumns(_ visit: (inout MemberWriter) -> Void) -> [String: Int] {
    var writer = MemberWriter()
    visit(&writer)
    return Dictionary(
        writer.names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
}

extension ControlJSON {
    /// The members of an object given as text.
    static func members(of text: String) throws(CheckpointTextError) -> [Member] {
        let tree: ControlJSON
        do throws(ControlJSONError) { tree = try ControlJSON(parsing: text) } catch { throw .notJSON(error) }
        guard case .object(let members) = tree else { throw .notObject }
        return members
    }
}

/// The values of known members in the order of a visit: a row per partition, or one row for the common members.
struct MemberTable {
    private let columns: [String: Int]
    private let numbers: Range<Int>?
    private var values: [ControlJSON?]
    /// The number of known members that were given.
    private(set) var memberCount = 0

    /// - Parameter numbers: the partitions whose members are wanted; nil for the common members, whose names have no
    ///   number.
    /// - Throws: `member` for one that occurs twice.
    init(
        _ members: [ControlJSON.Member], columns: [String: Int], numbers: Range<Int>? = nil
    ) throws(CheckpointTextError) {
        self.columns = columns
        self.numbers = numbers
        values = Array(repeating: nil, count: columns.count * (numbers?.count ?? 1))
        for member in members {
            guard let index = index(of: member.name) else { continue }
            guard values[index] == nil else { throw .member(member.name) }
            values[index] = member.value
            memberCount += 1
        }
    }

    private func index(of name: String) -> Int? {
        guard let numbers else { return columns[name] }
        guard let (name, number) = Self.split(name), numbers.contains(number), let column = columns[name] else {
            return nil
        }
        return (number - numbers.lowerBound) * columns.count + column
    }

    /// Splits `at_17` into `at` and 17. nil for a name without a number, and for a number in a form that is never
    /// written.
    private static func split(_ name: String) -> (name: String, number: Int)? {
        guard let line = name.utf8.lastIndex(of: UInt8(ascii: "_")) else { return nil }
        let digits = name.utf8[name.utf8.index(after: line)...]
        guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return (String(name[..<line]), number)
    }

    /// A reader of the members of a partition, or of the common members.
    func reader(_ number: Int? = nil) -> MemberReader {
        let start = ((number ?? 0) - (numbers?.lowerBound ?? 0)) * columns.count
        return MemberReader(values[start..<(start + columns.count)], suffix: number.map { "_\($0)" } ?? "")
    }
}

/// Returns values in the order of a visit.
struct MemberReader: MemberVisitor {
    private var values: ArraySlice<ControlJSON?>
    private let suffix: String
    /// The first member without a valid value.
    private var invalid: String?

    init(_ values: ArraySlice<ControlJSON?>, suffix: String) {
        self.values = values
        self.suffix = suffix
    }

    /// - Throws: `member` if one had no valid value.
    func finish() throws(CheckpointTextError) {
        if let invalid { throw .member(invalid + suffix) }
    }

    private mutating func next() -> ControlJSON? { values.popFirst() ?? nil }

    private mutating func refuse(_ name: String) { invalid = invalid ?? name }

    mutating func constant(_ name: String, _ value: Int64) {
        if next() != .integer(value) { refuse(name) }
    }

    mutating func integer(_ name: String, _ value: inout Int64) {
        if case .integer(let number) = next() { value = number } else { refuse(name) }
    }

    mutating func optional(_ name: String, _ value: inout Int64) {
        switch next() {
        case nil: value = 0
        case .integer(let number): value = number
        default: refuse(name)
        }
    }

    mutating func count(_ name: String, _ value: inout Int) {
        if case .integer(let number) = next(), number >= 0 { value = Int(number) } else { refuse(name) }
    }

    mutating func boolean(_ name: String, _ value: inout Bool) {
        if case .boolean(let found) = next() { value = found } else { refuse(name) }
    }

    mutating func text(_ name: String, _ value: inout String) {
        if case .text(let text) = next() { value = text } else { refuse(name) }
    }

    mutating func anchor(_ name: String, _ value: inout Int64?) {
        guard case .text(let text) = next() else { return refuse(name) }
        value = Int64(text)
        if value == nil, !text.isEmpty, EpochUnit(rawValue: text) == nil { refuse(name) }
    }

    mutating func generations(_ name: String, _ value: inout [GenerationCheckpoint]) {
        list(name, &value) { GenerationCheckpoint($0) }
    }

    mutating func tables(_ name: String, _ value: inout [TableCheckpoint]) {
        list(name, &value) { TableCheckpoint($0) }
    }

    mutating func stages(_ name: String, _ value: inout [StageStart]) { list(name, &value) { StageStart($0) } }

    private mutating func list<Item>(_ name: String, _ value: inout [Item], _ read: (ControlJSON) -> Item?) {
        value = []
        switch next() {
        case nil: return
        case .array(let trees):
            value = trees.compactMap(read)
            if value.isEmpty || value.count < trees.count { refuse(name) }
        default: refuse(name)
        }
    }
}

extension StageStart {
    /// An array, as for generations.
    fileprivate var tree: ControlJSON {
        .array([
            .integer(gate), .integer(state.watermark), .integer(state.latest), .boolean(state.isPunctuated),
            .integer(Int64(state.lines)), .text(state.yearAnchor.map { "\($0)" } ?? ""),
        ])
    }

    fileprivate init?(_ tree: ControlJSON) {
        guard case .array(let items) = tree, items.count == 6, case .integer(let gate) = items[0],
            case .integer(let watermark) = items[1], case .integer(let latest) = items[2],
            case .boolean(let isPunctuated) = items[3], case .integer(let lines) = items[4], lines >= 0,
            case .text(let anchor) = items[5], anchor.isEmpty || Int64(anchor) != nil
        else { return nil }
        self.init()
        state.yearAnchor = Int64(anchor)
        self.gate = gate
        state.watermark = watermark
        state.latest = latest
        state.isPunctuated = isPunctuated
        state.lines = Int(lines)
    }
}

extension TableCheckpoint {
    /// An array, as for generations.
    fileprivate var tree: ControlJSON {
        .array([.text(path), .integer(Int64(content.size)), .integer(content.hash)])
    }

    fileprivate init?(_ tree: ControlJSON) {
        guard case .array(let items) = tree, items.count == 3, case .text(let path) = items[0],
            case .integer(let size) = items[1], size >= 0, case .integer(let hash) = items[2]
        else { return nil }
        self.init(path, LookupTable.Content(size: Int(size), hash: hash))
    }
}

extension GenerationCheckpoint {
    /// An array, whose order a database keeps: a checksum covers it.
    fileprivate var tree: ControlJSON {
        let seen: [ControlJSON] = seenEnd > 0 ? [.integer(Int64(seenEnd)), .integer(seenHash)] : []
        return .array(
            [
                .integer(Int64(number)), .text(path), .integer(inode), .integer(inodeGeneration), .integer(Int64(end)),
                .integer(hash), .boolean(isComplete),
            ] + seen)
    }

    fileprivate init?(_ tree: ControlJSON) {
        guard case .array(let items) = tree, [7, 9].contains(items.count), case .integer(let number) = items[0],
            number >= 0, case .text(let path) = items[1], case .integer(let inode) = items[2],
            case .integer(let inodeGeneration) = items[3], case .integer(let end) = items[4], end >= 0,
            case .integer(let hash) = items[5], case .boolean(let isComplete) = items[6]
        else { return nil }
        self.number = Int(number)
        self.path = path
        self.inode = inode
        self.inodeGeneration = inodeGeneration
        self.end = Int(end)
        self.hash = hash
        self.isComplete = isComplete
        guard items.count > 7 else { return }
        guard case .integer(let seenEnd) = items[7], seenEnd > 0, case .integer(let seenHash) = items[8] else {
            return nil
        }
        self.seenEnd = Int(seenEnd)
        self.seenHash = seenHash
    }
}
