import Plan

extension UsageError {
    /// What goes to standard error: one line, or the short help; it ends with a newline.
    package var text: String {
        switch self {
        case .message(let message): "streamctl: \(message)\n"
        case .noInput: Help.short
        }
    }
}
