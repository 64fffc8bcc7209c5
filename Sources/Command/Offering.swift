import Plan
import StreamEngine

extension Offer {
    /// - Parameters:
    ///   - kind: as the completion scripts name it.
    ///   - words: the current word, then all words of the line.
    /// - Throws: for an unknown kind.
    init(_ kind: String, _ words: [String]) throws(UsageError) {
        guard let kind = Kind(rawValue: kind) else {
            let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("--complete '\(kind)': unknown kind; use one of \(kinds)")
        }
        var current = words.first ?? ""
        if let quote = current.first, quote == "'" || (quote == "\"" && !current.dropFirst().contains("\"")) {
            current.removeFirst()
        }
        self.init(kind: kind, current: current, inputs: ArgumentReader.inputs(of: Array(words.dropFirst())))
    }
}
