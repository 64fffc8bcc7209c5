/// What became of one line when it was scanned and filtered.
package enum RecordStatus: UInt8, Sendable {
    /// A record that goes on to its windows.
    case accepted
    /// `--where` was not true for it.
    case filtered
    /// A `{"$watermark":…}` line.
    case control
    /// Not valid JSON: a wrong character or something missing.
    case badSyntax
    /// Valid JSON so far, but the line is no object.
    case notAnObject
    /// A number against the grammar, or one that overflows a double.
    case badNumber
    /// A string with a control character, a bad escape, a lone surrogate or bad UTF-8.
    case badString
    /// Nested deeper than the limit.
    case tooDeep
    /// Longer than `--max-line`.
    case tooLong
    /// The source has a record without a value.
    case noValue

    /// True for the lines that are no records.
    var isRejected: Bool { rawValue >= RecordStatus.badSyntax.rawValue }

    /// The particulars for messages and the rejects file.
    var message: StaticString {
        switch self {
        case .accepted, .filtered, .control: ""
        case .badSyntax: "not valid JSON"
        case .notAnObject: "not a JSON object"
        case .badNumber: "a bad number"
        case .badString: "a bad string (control character, escape, lone surrogate or UTF-8)"
        case .tooDeep: "nested deeper than 512"
        case .tooLong: "longer than --max-line"
        case .noValue: "a tombstone: the message has no value"
        }
    }

    /// Why a line that is rejected is.
    var rejectReason: RejectReason {
        switch self {
        case .tooLong: .tooLong
        case .noValue: .noValue
        default: .malformed
        }
    }
}

/// Where one record stands in its batch.
struct RecordSlice {
    /// Offset of its first byte.
    var start: UInt32
    /// Length without the newline, and without a carriage return before it.
    var length: UInt32
    /// Lines of the batch before it, blank ones included.
    var line: UInt32
    var status: RecordStatus

    @inline(__always) init(_ start: Int, length: Int, line: Int, _ status: RecordStatus) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.length = UInt32(truncatingIfNeeded: length)
        self.line = UInt32(truncatingIfNeeded: line)
        self.status = status
    }
}
