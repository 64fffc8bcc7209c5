/// What a job remembers of a run, so that the next one can go on where it ended: resume by quiet replay.
///
/// There is no state of windows in it. A resumed run reads the input again from `low`, the start of the oldest batch
/// that an open window needs, and prints nothing until it is at `at`. By then the open windows are what they were, for
/// an open window has lost no record; what was closed before is gone and was delivered.
package struct Checkpoint: Equatable, Sendable {
    /// The end of the last batch of which all rows are delivered.
    package var at = Place.start
    /// Rows that are delivered beyond those, counted in their order.
    package var rowsAfter = 0
    /// These rows were printed because the input had ended.
    package var isClosing = false
    /// The input was read to its end and everything is delivered.
    package var isFinished = false
    /// Bytes behind `at` that are the beginning of a line; they are for a later run, when its end is there.
    package var heldBack = 0
    /// The watermark at `at`: time may have gone on without records.
    package var watermark = Int64.min
    /// The latest event time of any record up to `at`. A later one in a replay was rejected as too far ahead.
    package var latest = Int64.min
    /// Where a replay begins, and what was known there.
    package var low = Place.start
    package var lowState = IntakeState()
    package var atProof = PlaceProof()
    package var lowProof = PlaceProof()
    /// Bytes of the output file before the job, up to `at`, and with the rows after it; of the rejects file.
    package var outputStart = 0
    package var outputAt = 0
    package var output = 0
    package var rejects = 0

    package init() {}
}

/// What shows that an input is still the one that was read up to a place.
package struct PlaceProof: Equatable, Sendable {
    /// The input as it was named.
    package var name = ""
    /// Hash of the first bytes of the input, and of those before the place.
    package var hash: Int64 = 0

    package init() {}
    package init(name: String, hash: Int64) {
        self.name = name
        self.hash = hash
    }
}

/// What is known between two batches besides the windows.
package struct IntakeState: Equatable, Sendable {
    /// Microseconds since 1970.
    package var watermark = Int64.min
    package var latest = Int64.min
    package var isPunctuated = false
    package var unit: EpochUnit?
    /// Lines of the present input, and records of all.
    package var lines = 0
    package var records = 0
    /// The present input.
    package var input = 0

    package init() {}
}

// MARK: - As text

extension Checkpoint {
    private static let format: Int64 = 1

    /// A flat JSON object.
    package var text: String { FlatObject.text(members) }

    private var members: [(String, FlatObject.Member)] {
        var members: [(String, FlatObject.Member)] = [("format", .integer(Self.format))]
        members += Self.members(at, "at") + Self.members(atProof, "at")
        members += [
            ("rows_after", .integer(Int64(rowsAfter))), ("closing", .boolean(isClosing)),
            ("finished", .boolean(isFinished)), ("held_back", .integer(Int64(heldBack))),
            ("watermark", .integer(watermark)), ("latest", .integer(latest)),
            ("output_start", .integer(Int64(outputStart))), ("output_at", .integer(Int64(outputAt))),
            ("output", .integer(Int64(output))),
            ("rejects", .integer(Int64(rejects))),
        ]
        members += Self.members(low, "low") + Self.members(lowProof, "low")
        members += [
            ("low_watermark", .integer(lowState.watermark)), ("low_latest", .integer(lowState.latest)),
            ("low_punctuated", .boolean(lowState.isPunctuated)), ("low_unit", .text(lowState.unit?.name ?? "")),
            ("low_lines", .integer(Int64(lowState.lines))), ("low_records", .integer(Int64(lowState.records))),
        ]
        return members
    }

    private static func members(_ place: Place, _ name: String) -> [(String, FlatObject.Member)] {
        [(name + "_input", .integer(Int64(place.input))), (name + "_position", .integer(Int64(place.position)))]
    }

    private static func members(_ proof: PlaceProof, _ name: String) -> [(String, FlatObject.Member)] {
        [(name + "_name", .text(proof.name)), (name + "_hash", .integer(proof.hash))]
    }

    /// - Returns: nil when the text is no checkpoint of this format.
    package init?(text: String) {
        let reader = MemberReader(FlatObject.parse(text, Checkpoint().members.map(\.0)))
        guard reader.integer("format") == Self.format else { return nil }
        at = reader.place("at")
        atProof = reader.proof("at")
        rowsAfter = reader.count("rows_after")
        isClosing = reader.boolean("closing")
        isFinished = reader.boolean("finished")
        heldBack = reader.count("held_back")
        watermark = reader.integer("watermark")
        latest = reader.integer("latest")
        outputStart = reader.count("output_start")
        outputAt = reader.count("output_at")
        output = reader.count("output")
        rejects = reader.count("rejects")
        low = reader.place("low")
        lowProof = reader.proof("low")
        lowState.watermark = reader.integer("low_watermark")
        lowState.latest = reader.integer("low_latest")
        lowState.isPunctuated = reader.boolean("low_punctuated")
        let unit = reader.text("low_unit")
        lowState.unit = unit.isEmpty ? nil : EpochUnit(name: unit)
        lowState.lines = reader.count("low_lines")
        lowState.records = reader.count("low_records")
        lowState.input = low.input
        guard reader.isComplete, low <= at, unit.isEmpty == (lowState.unit == nil) else { return nil }
    }
}

/// Reads members of an object and notes when one is missing or of another kind.
private final class MemberReader {
    private let members: [String: FlatObject.Member]
    private(set) var isComplete = true

    init(_ members: [String: FlatObject.Member]) { self.members = members }

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

    func place(_ name: String) -> Place {
        Place(input: count(name + "_input"), position: count(name + "_position"))
    }

    func proof(_ name: String) -> PlaceProof {
        PlaceProof(name: text(name + "_name"), hash: integer(name + "_hash"))
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
