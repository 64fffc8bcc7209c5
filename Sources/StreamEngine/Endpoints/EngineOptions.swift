/// What an engine needs to know besides its query.
package struct EngineOptions: Sendable {
    /// What the inputs are called in the rejects file.
    package var inputNames: InputNames
    /// The first rejected record ends the run.
    package var isStrict: Bool
    /// Somebody takes the lines of rejected records.
    package var keepsRejects: Bool
    /// The output has rows of an earlier run, and what stands before them.
    package var continuesOutput: Bool

    package init(
        inputNames: InputNames, isStrict: Bool = false, keepsRejects: Bool = false, continuesOutput: Bool = false
    ) {
        self.inputNames = inputNames
        self.isStrict = isStrict
        self.keepsRejects = keepsRejects
        self.continuesOutput = continuesOutput
    }
}
