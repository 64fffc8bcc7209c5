import StreamEngine

/// A kind of input that can be opened. The composition root lists them all.
package protocol OpenableInput: Input {
    /// What a command line names such an input by.
    associatedtype Spec: InputSpec
    /// Looks whether the inputs can be read, and connects where that is needed.
    static func open(_ spec: Spec, _ run: RunContext) throws(RunError) -> Self
    /// What is known of the inputs now, a line each, for `--explain`.
    static func overview(_ spec: Spec, _ run: RunContext) -> [String]
}

/// What those who open inputs and outputs know of the run.
package struct RunContext: Sendable {
    package var plan: Plan
    /// Reports what the user should know, unless only errors are wanted.
    package var warn: @Sendable (String) -> Void

    package init(_ plan: Plan, warn: @escaping @Sendable (String) -> Void) {
        self.plan = plan
        self.warn = warn
    }
}

extension OpenableInput {
    package static func overview(_ spec: Spec, _ run: RunContext) -> [String] { [] }

    /// What a command line names such an input by.
    package static var spec: any InputSpec.Type { Spec.self }

    /// - Returns: nil when the plan names another kind of input.
    package static func open(_ run: RunContext) throws(RunError) -> (any Input)? {
        guard let spec = run.plan.input as? Spec else { return nil }
        return try open(spec, run)
    }

    /// - Returns: nil when the plan names another kind of input.
    package static func overview(_ run: RunContext) -> [String]? {
        (run.plan.input as? Spec).map { overview($0, run) }
    }
}
