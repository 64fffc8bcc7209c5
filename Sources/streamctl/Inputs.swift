import Files
import Kafka
import Plan
import StreamEngine

/// The kinds of input, in the order in which they are asked whether an INPUT is theirs; files take every name.
let inputKinds: [any OpenableInput.Type] = [TopicInput.self, DemoInput.self, FileInput.self]

/// Opens what the plan reads.
func openInput(_ plan: Plan) throws(SourceError) -> any Input {
    for kind in inputKinds {
        if let input = try kind.open(RunContext(plan, warn: plan.warn)) { return input }
    }
    throw SourceError(input: plan.input.names.first ?? "", reason: "this kind of input cannot be opened")
}

/// What is known of the inputs now, for `--explain`.
func overview(of plan: Plan) -> [String] {
    inputKinds.lazy.compactMap { $0.overview(RunContext(plan, warn: plan.warn)) }.first ?? []
}
