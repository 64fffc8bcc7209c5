import Plan
import StreamEngine
import System

/// Output to a table.
package final class TableDelivery: OpenableOutput {
    private let sink: PostgresSink
    private let input: any Input
    package let stored: JobState?

    /// - Throws: also if the plan has no table.
    package static func open(
        _ spec: PostgresURL, _ run: RunContext, _ input: any Input
    ) throws(RunError) -> TableDelivery {
        guard let table = run.plan.table else { throw .usage("output to a database requires --table") }
        let sink = PostgresSink(
            try PostgresDestination(url: spec.text), table, run.plan.job,
            interrupt: Interrupt.signals.pollDescriptor, warn: run.warn)
        return TableDelivery(sink, input, stored: try sink.open())
    }

    private init(_ sink: PostgresSink, _ input: any Input, stored: JobState?) {
        self.sink = sink
        self.input = input
        self.stored = stored
    }

    package static func jobs(
        _ list: JobListPlan, warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) -> JobList? {
        guard case .database(let url) = list.place else { return nil }
        return try JobTables.list(
            try PostgresDestination(url: url.text), interrupt: Interrupt.signals.pollDescriptor, warn: warn)
    }

    package static func explain(_ spec: PostgresURL, _ plan: Plan, _ notes: inout OutputNotes) throws(RunError) {
        guard let table = plan.table else { return }
        // Only checked, not shown.
        _ = try PostgresDestination(url: spec.text)
        let overview = try Statements.overview(of: table)
        notes.createTable = overview.creation
        // Those after the copy into the stage.
        notes.write = Array(overview.writing.dropFirst(table.mode == .append ? 0 : 2))
        notes.createJobs = Statements.createJobs(schema: try TableName(parsing: table.name).schema)
    }

    package func start(from checkpoint: Checkpoint?) throws(RunError) -> Destination {
        try sink.checkTable()
        return .committed(TableCommitter(sink, input))
    }

    package func close() { sink.close() }
}
