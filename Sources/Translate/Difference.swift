import Plan

/// Where a generated job does something else than the run that it was made from.
package struct Difference: Sendable, Equatable {
    /// The flag whose meaning differs, as it is typed: `--watermark`.
    package var flag: String
    /// What differs and by how much, in one sentence without a full stop.
    package var text: String

    package init(_ flag: String, _ text: String) {
        self.flag = flag
        self.text = text
    }
}

/// What `--generate` prints for an engine.
package struct Translation: Sendable {
    /// The job.
    package var text: String
    /// Every difference, in the order of their places in the text.
    package var differences: [Difference]

    /// The list that `--explain --generate KIND` prints.
    package var explanation: String {
        guard !differences.isEmpty else { return "The job has the same rows.\n" }
        return differences.map { "\($0.flag): \($0.text).\n" }.joined()
    }
}

extension UsageError {
    /// A flag that an engine cannot express.
    ///
    /// - Parameter remedy: the nearest thing that works.
    static func refusal(_ engine: String, _ flag: String, _ reason: String, _ remedy: String) -> UsageError {
        UsageError("\(flag): \(engine) \(reason); \(remedy)")
    }
}
