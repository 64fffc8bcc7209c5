import Plan
import StreamEngine

/// Says with `--verbose` how each input is read, where its first records have decided that.
struct FormatNotes {
    private let isWanted: Bool
    private let names: InputNames
    private let say: (String) -> Void

    init(_ plan: Plan, _ names: InputNames, _ say: @escaping (String) -> Void) {
        isWanted = plan.verbosity == .verbose && plan.format.name == .auto && !plan.input.paths.isEmpty
        self.names = names
        self.say = say
    }

    /// Called at the first batch of an input.
    func note(_ format: InputFormat, of input: Int) {
        if isWanted { say(Diagnostics.line("\(names[input]) is read as \(format.name)")) }
    }
}
