/// The options of an engine, in addition to its query.
package struct EngineOptions: Sendable {
    /// The names of inputs in the rejects file.
    package var inputNames: InputNames
    /// Whether the first rejected record ends the run.
    package var isStrict: Bool
    /// Whether to keep lines for the rejects file.
    package var keepsRejects: Bool
    /// Whether the output already contains rows of an earlier run, and a header if the format has one.
    package var continuesOutput: Bool
    /// The threads for tasks of many rows. If it has lanes, the records of a batch must stay in memory after the engine
    /// has processed them, until the task is done that was posted last.
    package var crew: any Crew = SingleCrew()
    /// Whether `--max-state` is given: then lanes are not used, since the first record that takes the state beyond the limit
    /// must be the same for any number of threads.
    package var limitsState = false

    package init(
        inputNames: InputNames, isStrict: Bool = false, keepsRejects: Bool = false, continuesOutput: Bool = false
    ) {
        self.inputNames = inputNames
        self.isStrict = isStrict
        self.keepsRejects = keepsRejects
        self.continuesOutput = continuesOutput
    }
}
