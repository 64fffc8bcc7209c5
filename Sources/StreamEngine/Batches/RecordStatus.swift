/// The outcome of reading and filtering one record.
package struct RecordStatus: Equatable, Sendable {
    private let code: UInt8

    private init(code: UInt8) { self.code = code }

    /// The record passes to the operator.
    package static var accepted: RecordStatus { RecordStatus(code: 0) }
    /// `--where` was not true for it.
    package static var filtered: RecordStatus { RecordStatus(code: 1) }
    /// A `{"$watermark":…}` line.
    package static var control: RecordStatus { RecordStatus(code: 2) }
    /// Longer than `--max-line`.
    package static var tooLong: RecordStatus { RecordStatus(code: 3) }
    /// The record has no value.
    package static var noValue: RecordStatus { RecordStatus(code: 4) }

    /// The source could not decode it.
    package static var undecoded: RecordStatus { RecordStatus(code: 5) }

    /// A table of `--lookup` has no row for it.
    static var noRow: RecordStatus { RecordStatus(code: 6) }

    private static let firstDefect: UInt8 = 8

    /// Malformed, with the number of the defect in the list of its format (`RecordFormat.defects`).
    package static func malformed(_ defect: UInt8) -> RecordStatus { RecordStatus(code: firstDefect &+ defect) }

    /// The defect of a malformed record; nil for any other record.
    var defect: Int? { code >= Self.firstDefect ? Int(code &- Self.firstDefect) : nil }

    /// Whether the record was rejected.
    var isRejected: Bool { code >= RecordStatus.tooLong.code }

    /// Whether the record was rejected before its fields were read.
    var isUnread: Bool { isRejected && self != .noRow }

    /// The reason why the record was rejected.
    var rejectReason: RejectReason {
        switch self {
        case .tooLong: .tooLong
        case .noValue: .noValue
        case .noRow: .noRow
        default: .malformed
        }
    }
}

/// The location of one record in its batch.
struct RecordSlice {
    /// Offset of its first byte.
    var start: UInt32
    /// Length without its line end: a newline, or a carriage return and a newline.
    var length: UInt32
    /// The number of lines before it in the batch, including blank lines; of records if the source supplies their ends.
    var line: UInt32
    var status: RecordStatus

    @inline(__always) init(_ start: Int, length: Int, line: Int, _ status: RecordStatus) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.length = UInt32(truncatingIfNeeded: length)
        self.line = UInt32(truncatingIfNeeded: line)
        self.status = status
    }
}

/// How to print the bytes of a record.
package enum RecordContent: Sendable {
    /// A valid JSON object, printed unchanged.
    case json
    /// Any bytes, printed as a string in JSON output.
    case text
    /// The record has no value.
    case nothing
}

/// What messages and outputs must know about the records of a format.
package struct RecordTraits: Sendable {
    /// How to print accepted records.
    let content: RecordContent
    /// Whether a valid record is complete even without the end of its line, like an object with its closing brace. In
    /// other formats, a truncated line may look complete.
    let isSelfDelimiting: Bool
    /// The possible defects of a record. `RecordStatus.malformed` holds an index.
    var defects: [StaticString]
    /// The number of the first of them, with which a record is not one of its format; with the others, it lacks a record
    /// inside of it.
    var formatDefects: Int
    /// Describes the first defect of a rejected record; nil if there is nothing to add to the entry of `defects`.
    var findDefect: @Sendable (UnsafeRawBufferPointer) -> RecordDefect?
    /// Accepted records as JSON objects with all their fields; nil if that is what they are.
    let objects: @Sendable ([UnsafeRawBufferPointer]) -> [[UInt8]?]?
}
