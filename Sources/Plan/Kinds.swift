import StreamEngine

/// The kinds of inputs and outputs.
package struct Kinds: Sendable {
    /// Tried for each INPUT in this order; the last one accepts any text.
    package var inputs: [any OpenableInput.Type]
    /// Tried for an output in this order; the last one accepts any text.
    package var outputs: [any OpenableOutput.Type]

    /// Where tables of `--lookup` come from if they are not files; tried in this order.
    package var tables: [any LookupReader.Type]

    package init(
        inputs: [any OpenableInput.Type], outputs: [any OpenableOutput.Type], tables: [any LookupReader.Type] = []
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.tables = tables
    }

    /// Reads a table that is not a file.
    ///
    /// - Parameter stop: see `LookupReader`.
    package func readTable(
        of lookup: Lookup, _ run: RunContext, seed: UInt64, stop: Int32? = nil
    ) throws(RunError) -> LookupTable {
        for kind in tables {
            if let table = try kind.read(lookup, run, seed: seed, stop: stop) { return table }
        }
        throw .usage("lookup \(lookup.path): tables of this kind cannot be read")
    }

    /// Opens a table whose rows are fetched by key.
    package func openTable(of lookup: Lookup, _ run: RunContext, seed: UInt64) throws(RunError) -> KeyedTable {
        for kind in tables {
            if let table = try kind.open(lookup, run, seed: seed) { return table }
        }
        throw .usage("lookup \(lookup.path): rows of this kind of table cannot be fetched by key; add load=all")
    }

    /// Opens the input of the plan.
    package func openInput(_ run: RunContext) throws(RunError) -> any Input {
        for kind in inputs {
            if let input = try kind.open(run) { return input }
        }
        throw .usage("\(run.plan.input.names[0]): inputs of this kind cannot be opened")
    }

    /// Opens the output of the plan.
    package func openOutput(_ run: RunContext, _ input: any Input) throws(RunError) -> any OpenableOutput {
        for kind in outputs {
            if let output = try kind.open(run, input) { return output }
        }
        throw .usage("outputs of this kind cannot be opened: \(run.plan.output.name)")
    }

    /// The jobs of a place, for `--list-jobs`.
    package func jobs(
        _ list: JobListPlan, warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) -> JobList {
        for kind in outputs {
            if let jobs = try kind.jobs(list, warn: warn) { return jobs }
        }
        throw .usage("jobs of this kind cannot be listed")
    }

    /// What is known about the inputs and the output before a run, for `--explain`.
    package func notes(_ run: RunContext) throws(RunError) -> OutputNotes {
        var notes = OutputNotes()
        for kind in outputs { try kind.explain(run.plan, &notes) }
        for kind in inputs { notes.inputs += kind.overview(run) { () throws(RunError) in try storedInput(run) } ?? [] }
        return notes
    }

    /// Where the job of a run goes on; nil for a new job, or without a job.
    private func storedInput(_ run: RunContext) throws(RunError) -> InputCheckpoint? {
        guard let job = run.plan.job, !job.startsOver else { return nil }
        let list = try jobs(JobListPlan(run.plan, job), warn: run.warn)
        return list.jobs.first { $0.name == job.name }?.input
    }
}
