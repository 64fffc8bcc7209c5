/// A table of a database: `postgresql://…`.
///
/// Only libpq knows the full grammar of the URL, so the URL is parsed when the output is opened or explained. It may
/// contain a password and is never part of a message.
package struct PostgresURL: OutputSpec, Equatable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func parse(_ text: String) -> PostgresURL? {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") ? PostgresURL(text) : nil
    }

    package var name: String { "Postgres" }
    package var rows: RowForm { .table }
    package var isTransactional: Bool { true }
    package var takeover: Takeover { .onRequest }
    package var mayMove: Bool { true }
    package var jobStore: JobStore? {
        JobStore(place: "in the database") { _ in "in streamctl_jobs, in the schema of the table:" }
    }

    package func repeated(_ again: String, _ mode: TablePlan.Mode?) -> String {
        "at least once: \(again), and "
            + (mode == .upsert ? "its rows replace those with the same key" : "adds its rows again")
    }

    package func startingOver(_ table: TablePlan?) -> String {
        let name = table?.name ?? "the table"
        return table?.mode == .append
            ? "its rows are added to \(name) again" : "its rows in \(name) are replaced, those with other keys stay"
    }

    package var resumed: String { "exactly once: rows and checkpoint are committed together, in one transaction" }
}
