import Synchronization

/// The table of a lookup that is read again while the run goes on: the one that the next batch sees.
package final class CurrentTable: Sendable {
    private struct State {
        var table: LookupTable
        var counts = Counts()
    }

    package struct Counts: Sendable {
        /// How often another table has taken the place of the one before.
        package var reloads = 0
        /// How often it could not be read again.
        package var failures = 0
    }

    private let state: Mutex<State>

    package init(_ table: LookupTable) { state = Mutex(State(table: table)) }

    package var table: LookupTable { state.withLock { $0.table } }
    package var counts: Counts { state.withLock { $0.counts } }

    package func replace(with table: LookupTable) {
        state.withLock {
            $0.table = table
            $0.counts.reloads += 1
        }
    }

    package func noteFailure() { state.withLock { $0.counts.failures += 1 } }
}
