import StreamEngine

/// The kinds of input and output that there are.
package struct Kinds: Sendable {
    /// In the order in which they are asked whether an INPUT is theirs; the last one takes every text.
    package var inputs: [any OpenableInput.Type]
    /// In the order in which they are asked whether an output is theirs; the last one takes every text.
    package var outputs: [any OpenableOutput.Type]

    package init(inputs: [any OpenableInput.Type], outputs: [any OpenableOutput.Type]) {
        self.inputs = inputs
        self.outputs = outputs
    }

    /// Opens what the plan reads.
    package func openInput(_ run: RunContext) throws(RunError) -> any Input {
        for kind in inputs {
            if let input = try kind.open(run) { return input }
        }
        throw .usage("\(run.plan.input.names[0]): inputs of this kind cannot be opened")
    }

    /// Opens what the plan writes to.
    package func openOutput(_ run: RunContext, _ input: any Input) throws(RunError) -> any OpenableOutput {
        for kind in outputs {
            if let output = try kind.open(run, input) { return output }
        }
        throw .usage("outputs of this kind cannot be opened: \(run.plan.output.name)")
    }

    /// What is known of inputs and output before a run, for `--explain`.
    package func notes(_ run: RunContext) throws(RunError) -> OutputNotes {
        var notes = OutputNotes()
        for kind in outputs { try kind.explain(run.plan, &notes) }
        for kind in inputs { notes.partitions += kind.overview(run) ?? [] }
        return notes
    }
}
