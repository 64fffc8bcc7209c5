/// The reasons to reject a record that is not a valid JSON object.
enum JSONDefect: UInt8, CaseIterable {
    /// An unexpected or missing character.
    case badSyntax
    /// Valid JSON so far, but not an object.
    case notAnObject
    /// A number that violates the grammar or overflows a double.
    case badNumber
    /// A string with a control character, a bad escape, a lone surrogate or bad UTF-8.
    case badString
    /// Nested deeper than the limit.
    case tooDeep
    /// An object without the array whose elements are records.
    case noArray

    /// The details for messages and the rejects file.
    var message: StaticString {
        switch self {
        case .badSyntax: "not valid JSON"
        case .notAnObject: "not a JSON object"
        case .badNumber: "a bad number"
        case .badString: "a bad string (control character, escape, lone surrogate or UTF-8)"
        case .tooDeep: "nested deeper than 512"
        case .noArray: "no array at the path of --each"
        }
    }
}

extension RecordStatus {
    static var badSyntax: RecordStatus { .malformed(JSONDefect.badSyntax.rawValue) }
    static var notAnObject: RecordStatus { .malformed(JSONDefect.notAnObject.rawValue) }
    static var badNumber: RecordStatus { .malformed(JSONDefect.badNumber.rawValue) }
    static var badString: RecordStatus { .malformed(JSONDefect.badString.rawValue) }
    static var tooDeep: RecordStatus { .malformed(JSONDefect.tooDeep.rawValue) }
    static var noArray: RecordStatus { .malformed(JSONDefect.noArray.rawValue) }
}
