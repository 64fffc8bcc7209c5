import Plan
import StreamEngine

/// The built-in source as the input of a run.
package final class DemoInput: OpenableInput {
    private let spec: DemoURL
    package let names: InputNames = ["demo:sensors"]
    package var repeatsInOrder: Bool { true }

    package static func open(_ spec: DemoURL, _ run: RunContext) -> DemoInput { DemoInput(spec) }

    package init(_ spec: DemoURL) { self.spec = spec }

    /// The records depend only on the URL, so the URL identifies the input.
    package func begin(from stored: Checkpoint?, job: String?) throws(RunError) -> Checkpoint? {
        if let stored, let job { try stored.input.checkNames([spec.text], job: job) }
        return stored
    }

    package func hasGrown(since checkpoint: InputCheckpoint) -> Bool {
        DemoSource(spec.options).length.map { $0 > checkpoint.readBytes(ofInput: 0) } ?? true
    }

    package func seal(_ checkpoint: inout InputCheckpoint) {
        checkpoint.files.committedChecksum = PositionChecksum(name: spec.text, hash: 0)
        checkpoint.files.restartChecksum = PositionChecksum(name: spec.text, hash: 0)
    }

    package func open(_ options: SourceOptions) -> any OpenSource {
        SourceBox(DemoSource(spec.options, watchingOutput: options.output))
    }
}
