import StreamEngine

/// One input, as it was named.
package enum InputSpec: Equatable, Sendable {
    case file(String)
    case stdin
    /// The embedded source, with its whole text: `demo:sensors?records=10`. What follows `demo:` is not checked here.
    case demo(String)
    /// Topics, with the whole URL, which is not checked here.
    case kafka(String)

    package static func parse(_ text: String) throws(UsageError) -> InputSpec {
        if text == "-" { return .stdin }
        if text.isEmpty { throw UsageError("an INPUT is empty; name a file, or - for standard input") }
        if text.hasPrefix("demo:") { return .demo(text) }
        if text.hasPrefix("kafka://") { return .kafka(text) }
        try refuseService(text, use: "as input", instead: "read files, - or demo:sensors")
        return .file(text)
    }

    /// How messages call it.
    package var name: String {
        switch self {
        case .file(let path): path
        case .stdin: "standard input"
        case .demo(let text): text
        case .kafka(let text): withoutQuery(text)
        }
    }

    package var isTopic: Bool { if case .kafka = self { true } else { false } }

    /// What it is, in words.
    package var kind: String {
        switch self {
        case .file: "a file"
        case .stdin: "standard input"
        case .demo: "the demo source"
        case .kafka: "a topic"
        }
    }
}

/// Where rows go.
package enum OutputDestination: Equatable, Sendable {
    case standardOutput
    case file(String)
    /// A database, by its URL.
    case postgres(String)
    /// A topic, with the whole URL, which is not checked here.
    case kafka(String)

    package static func parse(_ text: String) throws(UsageError) -> OutputDestination {
        if text == "-" { return .standardOutput }
        if text.isEmpty { throw UsageError("--output is empty; name a file, or - for standard output") }
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") { return .postgres(text) }
        if text.hasPrefix("kafka://") { return .kafka(text) }
        try refuseService(text, use: "as output", instead: "write to a file, - or postgresql://")
        return .file(text)
    }

    /// How messages call it.
    package var name: String {
        switch self {
        case .standardOutput: "standard output"
        case .file(let path): path
        case .postgres: "Postgres"
        case .kafka(let text): withoutQuery(text)
        }
    }
}

/// Brokers and topics of a URL, without the settings behind them.
private func withoutQuery(_ url: String) -> String { String(url.prefix { $0 != "?" }) }

/// A URL of anything else is more likely a mistake than a file.
private func refuseService(_ text: String, use: String, instead: String) throws(UsageError) {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return }
    let scheme = text[..<colon]
    guard !scheme.isEmpty, scheme.utf8.allSatisfy({ FieldPath.isNameByte($0) }) else { return }
    switch scheme {
    // Not the text itself: there may be a password in it.
    case "postgresql", "postgres": throw UsageError("postgresql://: a database cannot be used \(use); \(instead)")
    default: throw UsageError("\(text): '\(scheme)://' is not known; \(instead) (a file of that name: ./\(text))")
    }
}
