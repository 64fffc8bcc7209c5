import StreamEngine

/// A run that is checkpointed under a name and can be resumed.
package struct JobPlan: Sendable, Equatable {
    package var name: String
    /// The directory for checkpoints of jobs that write files; nil for the default.
    package var stateDirectory: String?
    /// Take the job over even from a process that still runs it.
    package var takesOver: Bool
    /// Forget what earlier runs have stored, and start with the beginning of the input.
    package var startsOver = false
    /// Go on with a table of `--lookup` that has changed.
    package var acceptsChangedTables = false
    /// The flags that affect results, with their values.
    package var fingerprint: [Setting]

    package struct Setting: Sendable, Equatable {
        package var flag: String
        package var value: String

        package init(flag: String, value: String) {
            self.flag = flag
            self.value = value
        }
    }

    package init(name: String, stateDirectory: String? = nil, takesOver: Bool = false, fingerprint: [Setting] = []) {
        self.name = name
        self.stateDirectory = stateDirectory
        self.takesOver = takesOver
        self.fingerprint = fingerprint
    }

    /// The fingerprint as it is kept beside the checkpoint.
    package var fingerprintTree: ControlJSON { .object(fingerprint.map { .init($0.flag, .text($0.value)) }) }
    package var fingerprintText: String { fingerprintTree.json }

    /// The settings that differ from a stored fingerprint.
    package func differences(
        from stored: ControlJSON
    ) -> [(name: String, before: ControlJSON?, now: ControlJSON?)] {
        let now = fingerprintTree
        let names = stored.members.map(\.name) + now.members.map(\.name).filter { stored[$0] == nil }
        return names.filter { stored[$0] != now[$0] }.map { ($0, stored[$0], now[$0]) }
    }

    /// The ways on from a checkpoint that does not fit.
    package static func otherWays(_ job: String) -> String { "a new --job name, or --reset \(job) to start over" }
}
