import StreamEngine

/// The stages of a command line with `--then`.
extension Plan {
    /// The queries of all stages, in order.
    package var queries: [Query] {
        get { [query] + laterQueries }
        set {
            guard let first = newValue.first else { return }
            query = first
            laterQueries = Array(newValue.dropFirst())
        }
    }

    /// What the last stage computes: its rows go to the output.
    package var lastQuery: Query {
        get { laterQueries.last ?? query }
        set {
            if laterQueries.isEmpty { query = newValue } else { laterQueries[laterQueries.count - 1] = newValue }
        }
    }

    /// The plan of a stage by itself, for messages; stages are counted from 0.
    package func ofStage(_ number: Int) -> Plan {
        guard number > 0, laterQueries.indices.contains(number - 1) else { return self }
        var plan = self
        plan.input = StageInput(number: number)
        plan.format = FormatPlan()
        plan.decidedFormat = .json
        plan.query = laterQueries[number - 1]
        plan.laterQueries = Array(laterQueries.dropFirst(number))
        plan.isLive = false
        plan.usesDefaultWatermark = true
        plan.usesDefaultTime = false
        return plan
    }
}

/// The rows of a stage as the input of the next one.
package struct StageInput: InputSpec {
    /// The number of the stage that prints the rows, from 1.
    package var number: Int

    package init(number: Int) { self.number = number }

    /// No INPUT names it.
    package static func parse(_ texts: [String]) throws(UsageError) -> StageInput? { nil }

    package var names: [String] { [Query.namesOfInput(ofStage: number)[0]] }
    package var noun: String { "the rows of stage \(number)" }
    package var recordNoun: String { "Rows" }
    package func isLive(_ environment: PlanEnvironment) -> Bool { false }
    package var columns: Set<SourceColumn> { [.line, .lineNumber] }
}

/// The next stage as the output of one.
package struct StageOutput: OutputSpec {
    /// The number of the stage that reads the rows, from 1.
    package var number: Int

    package init(number: Int) { self.number = number }

    /// No `--output` names it.
    package static func parse(_ text: String) throws(UsageError) -> StageOutput? { nil }

    package var name: String { "stage \(number)" }
    package var rows: RowForm { .text }
    package var takeover: Takeover { .needless("rows go to the next stage") }
    package func repeated(_ again: String, _ mode: TablePlan.Mode?) -> String { again }
    package var resumed: String { "" }
    package func startingOver(_ table: TablePlan?) -> String { "" }
}
