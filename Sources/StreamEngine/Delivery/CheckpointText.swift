extension Checkpoint {
    private static let format: Int64 = 1

    /// A flat JSON object.
    package var text: String { FlatObject.text(members) }

    /// What the partitions have in common, and what is of one of them, each as a flat JSON object.
    package var commonText: String { FlatObject.text(commonMembers) }
    package func partitionText(_ number: Int) -> String { FlatObject.text(partitions[number].members(number)) }

    private var members: [(String, FlatObject.Member)] {
        partitions.enumerated().reduce(commonMembers) { $0 + $1.element.members($1.offset) }
    }

    private var commonMembers: [(String, FlatObject.Member)] {
        [
            ("format", .integer(Self.format)),
            ("rows_after", .integer(Int64(rowsAfter))), ("closing", .boolean(isClosing)),
            ("finished", .boolean(isFinished)), ("held_back", .integer(Int64(heldBack))),
            ("watermark", .integer(watermark)), ("restart_watermark", .integer(restartWatermark)),
            ("output_start", .integer(Int64(outputStart))), ("output_at", .integer(Int64(outputAt))),
            ("output", .integer(Int64(output))), ("rejects", .integer(Int64(rejects))),
            ("cluster", .text(cluster)), ("partitions", .integer(Int64(partitions.count))),
        ]
    }

    /// - Returns: nil when the text is no checkpoint of this format.
    package init?(text: String) { self.init(common: text, partitions: nil) }

    /// - Parameter texts: those of the partitions, in order; nil when all is in one text.
    /// - Returns: nil when they are no checkpoint of this format.
    package init?(common text: String, partitions texts: [String]?) {
        let reader = MemberReader(text, Checkpoint().commonMembers.map(\.0))
        guard reader.integer("format") == Self.format else { return nil }
        rowsAfter = reader.count("rows_after")
        isClosing = reader.boolean("closing")
        isFinished = reader.boolean("finished")
        heldBack = reader.count("held_back")
        watermark = reader.integer("watermark")
        restartWatermark = reader.integer("restart_watermark")
        outputStart = reader.count("output_start")
        outputAt = reader.count("output_at")
        output = reader.count("output")
        rejects = reader.count("rejects")
        cluster = reader.text("cluster")
        let count = reader.count("partitions")
        // A text of this length cannot hold more.
        guard reader.isComplete, count > 0, count <= texts?.count ?? text.utf8.count else { return nil }
        partitions = []
        let names = (0..<count).map { number in PartitionCheckpoint().members(number).map(\.0) }
        let whole = texts == nil ? MemberReader(text, names.flatMap(\.self)) : nil
        for number in 0..<count {
            let reader = whole ?? MemberReader(texts?[number] ?? "", names[number])
            guard let partition = PartitionCheckpoint(reader, number) else { return nil }
            partitions.append(partition)
        }
    }
}

extension PartitionCheckpoint {
    /// Members of the text, with the number of the partition at the end of their names.
    fileprivate func members(_ number: Int) -> [(String, FlatObject.Member)] {
        let members: [(String, FlatObject.Member)] = [
            ("name", .text(committedChecksum.name)), ("at_input", .integer(Int64(at.input))),
            ("at", .integer(Int64(at.position))), ("at_hash", .integer(committedChecksum.hash)),
            ("at_record", .integer(Int64(committedChecksum.offset))), ("latest", .integer(latest)),
            ("low_name", .text(restartChecksum.name)), ("low_input", .integer(Int64(low.input))),
            ("low", .integer(Int64(low.position))), ("low_hash", .integer(restartChecksum.hash)),
            ("low_watermark", .integer(restartState.watermark)), ("low_latest", .integer(restartState.latest)),
            ("low_punctuated", .boolean(restartState.isPunctuated)), ("low_unit", .text(restartState.unit?.name ?? "")),
            ("low_lines", .integer(Int64(restartState.lines))),
        ]
        return members.map { ("\($0.0)_\(number)", $0.1) }
    }

    fileprivate init?(_ reader: MemberReader, _ number: Int) {
        func name(_ name: String) -> String { "\(name)_\(number)" }
        at = InputPosition(input: reader.count(name("at_input")), position: reader.count(name("at")))
        committedChecksum = PositionChecksum(
            name: reader.text(name("name")), hash: reader.integer(name("at_hash")),
            offset: Int(reader.integer(name("at_record"))))
        latest = reader.integer(name("latest"))
        low = InputPosition(input: reader.count(name("low_input")), position: reader.count(name("low")))
        restartChecksum = PositionChecksum(name: reader.text(name("low_name")), hash: reader.integer(name("low_hash")))
        restartState.watermark = reader.integer(name("low_watermark"))
        restartState.latest = reader.integer(name("low_latest"))
        restartState.isPunctuated = reader.boolean(name("low_punctuated"))
        let unit = reader.text(name("low_unit"))
        restartState.unit = unit.isEmpty ? nil : EpochUnit(name: unit)
        restartState.lines = reader.count(name("low_lines"))
        restartState.input = low.input
        guard reader.isComplete, low <= at, unit.isEmpty == (restartState.unit == nil) else { return nil }
    }
}

/// Reads members of an object and notes when one is missing or of another kind.
private final class MemberReader {
    private let members: [String: FlatObject.Member]
    private(set) var isComplete = true

    init(_ text: String, _ names: [String]) { members = FlatObject.parse(text, names) }

    func integer(_ name: String) -> Int64 {
        if case .integer(let number) = members[name] { return number }
        isComplete = false
        return 0
    }

    /// An integer that cannot be negative.
    func count(_ name: String) -> Int {
        let number = integer(name)
        if number < 0 { isComplete = false }
        return Int(max(0, number))
    }

    func boolean(_ name: String) -> Bool {
        if case .boolean(let value) = members[name] { return value }
        isComplete = false
        return false
    }

    func text(_ name: String) -> String {
        if case .text(let text) = members[name] { return text }
        isComplete = false
        return ""
    }
}

extension EpochUnit {
    fileprivate var name: String {
        switch self {
        case .seconds: "s"
        case .milliseconds: "ms"
        case .microseconds: "us"
        case .nanoseconds: "ns"
        }
    }

    fileprivate init?(name: String) {
        switch name {
        case "s": self = .seconds
        case "ms": self = .milliseconds
        case "us": self = .microseconds
        case "ns": self = .nanoseconds
        default: return nil
        }
    }
}
