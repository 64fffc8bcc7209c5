import StreamEngine

/// A kind of input that can be opened. The composition root lists them all.
package protocol OpenableInput: Input {
    /// The specification of such an input on the command line.
    associatedtype Spec: InputSpec
    /// Checks that the inputs can be read, and connects if necessary.
    static func open(_ spec: Spec, _ run: RunContext) throws(RunError) -> Self
    /// What is known about the inputs now, one line each, for `--explain`.
    ///
    /// - Parameter stored: looks up where the job goes on; nil for a new job, or without a job.
    static func overview(
        _ spec: Spec, _ run: RunContext, stored: () throws(RunError) -> InputCheckpoint?
    ) -> [String]
}

/// The part of a run that inputs and outputs need when they are opened.
package struct RunContext: Sendable {
    package var plan: Plan
    /// Prints a warning, unless `--quiet` is given.
    package var warn: @Sendable (String) -> Void

    package init(_ plan: Plan, warn: @escaping @Sendable (String) -> Void) {
        self.plan = plan
        self.warn = warn
    }
}

extension OpenableInput {
    package static func overview(
        _ spec: Spec, _ run: RunContext, stored: () throws(RunError) -> InputCheckpoint?
    ) -> [String] { [] }

    /// The specification of such an input on the command line.
    package static var spec: any InputSpec.Type { Spec.self }

    /// - Returns: nil if the plan names a different kind of input.
    package static func open(_ run: RunContext) throws(RunError) -> (any Input)? {
        guard let spec = run.plan.input as? Spec else { return nil }
        return try open(spec, run)
    }

    /// - Returns: nil if the plan names a different kind of input.
    package static func overview(
        _ run: RunContext, stored: () throws(RunError) -> InputCheckpoint?
    ) -> [String]? {
        (run.plan.input as? Spec).map { overview($0, run, stored: stored) }
    }
}
