/// The reasons to reject a record of a text format.
enum TextDefect: UInt8, CaseIterable {
    /// A byte sequence that is not UTF-8.
    case badUTF8
    /// A quoted value without its closing quote.
    case unclosedQuote
    /// A character after a closing quote, or a quote inside a name.
    case strayText
    /// No NAME=VALUE in the line.
    case noPair
    /// More values than the header has names.
    case tooManyValues
    /// Fewer values than the header has names, with `--strict`.
    case tooFewValues
    /// A line break in a record that is one line in this format.
    case lineBreak
    /// A line that the pattern of `--regex` does not match.
    case noMatch
    /// A line that does not have the parts of its format.
    case wrongLayout

    /// The details for messages and the rejects file.
    var message: StaticString {
        switch self {
        case .badUTF8: "not valid UTF-8"
        case .unclosedQuote: "unclosed quote"
        case .strayText: "a misplaced quote"
        case .noPair: "no NAME=VALUE"
        case .tooManyValues: "more values than the header has names"
        case .tooFewValues: "fewer values than the header has names"
        case .lineBreak: "a line break inside of the record"
        case .noMatch: "no match"
        case .wrongLayout: "not a line of this format"
        }
    }

    var status: RecordStatus { .malformed(rawValue) }
}
