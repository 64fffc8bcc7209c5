/// What `--generate` prints for a command line, instead of running it.
package enum Generated: String, Sendable, CaseIterable {
    /// A dashboard of the metrics of the run, and of its rows in a table.
    case grafana
}
