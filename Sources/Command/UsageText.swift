import Plan

extension UsageError {
    /// The text for standard error: a message, or the short help. Ends with a newline.
    package var text: String {
        switch self {
        case .message(let message), .noSuchInput(let message): "streamctl: \(message)\n"
        case .noInput: Help.short
        }
    }
}
