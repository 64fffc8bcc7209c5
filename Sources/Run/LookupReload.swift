import Files
import Glibc
import Plan
import StreamEngine
import System

/// Reads tables of `--lookup` again while a run goes on, in a thread of its own: files that have changed, and tables of
/// databases from time to time.
///
/// What cannot be read leaves the table as it was.
///
/// Unchecked: the tables are used by the thread only, once it has started.
final class LookupReload: @unchecked Sendable {
    /// How long a file must stay as it is before it is read, microseconds: it may still be being written.
    private static let settlingTime: Int64 = 1_000_000

    private struct Table {
        var lookup: Lookup
        let current: CurrentTable
        let stage: RunContext
        let every: Int64
        /// When to look again, steady clock.
        var next: Int64
        /// The file as it was last seen, and when it was last read; nil if there is none.
        var seen: FileChange?
        var tried: FileChange?
        /// What was said about the failure that lasts; nil if there is none.
        var complaint: String?
        var limit = NoticeLimit()
    }

    private let kinds: Kinds
    private let seed = randomSeed()
    private var tables: [Table] = []
    private let interrupt = Interrupt()
    private var thread: BackgroundThread?

    init(_ kinds: Kinds) { self.kinds = kinds }

    /// Has a table that was read be read again.
    ///
    /// - Parameter file: the file as it was before that.
    func add(_ lookup: Lookup, of stage: RunContext, file: FileChange?) {
        guard let table = lookup.table, let current = lookup.current, let every = lookup.reload else { return }
        var again = lookup
        again.expected = table.columns
        tables.append(
            Table(
                lookup: again, current: current, stage: stage, every: every, next: steadyClock() &+ every, seen: file,
                tried: file))
    }

    func start() {
        guard !tables.isEmpty else { return }
        thread = BackgroundThread.start { [self] in work() }
    }

    func end() {
        interrupt.raise(SIGTERM)
        thread?.join()
        thread = nil
    }

    private func work() {
        while !interrupt.isRaised {
            let now = steadyClock()
            for number in tables.indices where tables[number].next <= now && !interrupt.isRaised {
                tables[number].next = now &+ tables[number].every
                look(&tables[number])
            }
            let next = tables.map(\.next).min() ?? .max
            _ = wait(for: -1, interrupt: interrupt, deadline: wallClock() &+ max(0, next &- steadyClock()))
        }
    }

    private func look(_ table: inout Table) {
        guard table.lookup.database == nil else { return read(&table) }
        let file = FileChange(ofFile: table.lookup.path)
        guard file == table.seen else {
            table.seen = file
            table.next = steadyClock() &+ min(table.every, Self.settlingTime)
            return
        }
        guard let file else {
            let reason = exists(table.lookup.path) ? "it is not a file" : "No such file or directory"
            table.tried = nil
            return fail(&table, "lookup \(table.lookup.path): \(reason)")
        }
        if file != table.tried { read(&table) }
    }

    private func read(_ table: inout Table) {
        let file = table.seen
        let outcome: Result<LookupTable, RunError>
        do throws(RunError) {
            outcome = .success(try readTable(table))
        } catch {
            outcome = .failure(error)
        }
        guard !interrupt.isRaised else { return }
        if table.lookup.database == nil {
            // What was written while it was read is looked at again.
            table.seen = FileChange(ofFile: table.lookup.path)
            guard table.seen == file else { return }
            table.tried = file
        }
        switch outcome {
        case .success(let new): take(new, &table)
        case .failure(let error): fail(&table, error.text)
        }
    }

    private func readTable(_ table: Table) throws(RunError) -> LookupTable {
        let plan = table.stage.plan
        guard table.lookup.database == nil else {
            return try kinds.readTable(of: table.lookup, table.stage, seed: seed, stop: interrupt.pollDescriptor)
        }
        return try LookupFiles.table(of: table.lookup, plan.query, plan.decompresses, seed, 1, interrupt)
    }

    private func take(_ new: LookupTable, _ table: inout Table) {
        let hasChanged = new.content != table.current.table.content
        if hasChanged { table.current.replace(with: new) }
        let isVerbose = table.stage.plan.verbosity == .verbose
        if table.complaint != nil || isVerbose && hasChanged {
            table.stage.warn("lookup \(table.lookup.path): read again: \(new.counts.rows) rows")
        }
        if hasChanged, new.counts.rows == 0 { table.stage.warn("lookup \(table.lookup.path): the table has no rows") }
        table.complaint = nil
    }

    /// Says it once, and what else is wrong later not too often.
    private func fail(_ table: inout Table, _ reason: String) {
        guard table.complaint != reason else { return }
        let isFirst = table.complaint == nil
        if isFirst { table.current.noteFailure() }
        guard table.limit.allows(at: steadyClock()) || isFirst else { return }
        table.complaint = reason
        table.stage.warn("\(reason); the rows that were read before are used until it can be read again")
    }
}
