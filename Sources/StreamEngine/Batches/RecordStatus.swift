/// What became of one record when it was read and filtered.
package struct RecordStatus: Equatable, Sendable {
    private let code: UInt8

    private init(code: UInt8) { self.code = code }

    /// A record that goes on to its windows.
    package static var accepted: RecordStatus { RecordStatus(code: 0) }
    /// `--where` was not true for it.
    package static var filtered: RecordStatus { RecordStatus(code: 1) }
    /// A `{"$watermark":…}` line.
    package static var control: RecordStatus { RecordStatus(code: 2) }
    /// Longer than `--max-line`.
    package static var tooLong: RecordStatus { RecordStatus(code: 3) }
    /// The source has a record without a value.
    package static var noValue: RecordStatus { RecordStatus(code: 4) }

    private static let firstDefect: UInt8 = 8

    /// Malformed: the number of what is wrong in the list that its format keeps (`RecordFormat.defects`).
    package static func malformed(_ defect: UInt8) -> RecordStatus { RecordStatus(code: firstDefect &+ defect) }

    /// What is wrong with a malformed record, nil for any other one.
    var defect: Int? { code >= Self.firstDefect ? Int(code &- Self.firstDefect) : nil }

    /// Whether the record was rejected.
    var isRejected: Bool { code >= RecordStatus.tooLong.code }

    /// Why a record that was rejected is.
    var rejectReason: RejectReason {
        switch self {
        case .tooLong: .tooLong
        case .noValue: .noValue
        default: .malformed
        }
    }
}

/// Where one record is in its batch.
struct RecordSlice {
    /// Offset of its first byte.
    var start: UInt32
    /// Length without what ends it: a newline, and a carriage return before it.
    var length: UInt32
    /// Lines of the batch before it, blank ones included; where the source says where records end, records.
    var line: UInt32
    var status: RecordStatus

    @inline(__always) init(_ start: Int, length: Int, line: Int, _ status: RecordStatus) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.length = UInt32(truncatingIfNeeded: length)
        self.line = UInt32(truncatingIfNeeded: line)
        self.status = status
    }
}

/// What the bytes of a record are to those who print it.
package enum RecordContent: Sendable {
    /// A valid JSON object, printed as it came.
    case json
    /// Any bytes, printed as a string where JSON is printed.
    case text
    /// The record has no value.
    case nothing
}
