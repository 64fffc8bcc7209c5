import Plan
import StreamEngine
import Synchronization
import System

/// Reads the files of `--lookup` as tables.
package enum LookupFiles {
    /// The lookups of a query, each with its table, except for tables of databases.
    ///
    /// - Parameters:
    ///   - seed: for hashing keys.
    ///   - jobs: the number of threads.
    ///   - interrupt: ends the reading early.
    /// - Throws: `noInput` for a file that cannot be read, `usage` for a column that it does not have, `badData` for a row
    ///   that cannot be used.
    package static func read(
        _ query: Query, decompresses: Bool, seed: UInt64, jobs: Int = 1, interrupt: Interrupt = .signals
    ) throws(RunError) -> [Lookup] {
        do throws(RunError) {
            try FileSource.check(query.lookups.filter { $0.database == nil }.map(\.path))
        } catch {
            throw RunError(error.kind, "lookup \(error.text)")
        }
        var lookups: [Lookup] = []
        for var lookup in query.lookups {
            if lookup.database == nil {
                lookup.table = try table(of: lookup, query, decompresses, seed, jobs, interrupt)
            }
            lookups.append(lookup)
        }
        return lookups
    }

    package static func table(
        of lookup: Lookup, _ query: Query, _ decompresses: Bool, _ seed: UInt64, _ jobs: Int, _ interrupt: Interrupt
    ) throws(RunError) -> LookupTable {
        let reading = LookupReading(
            LookupLoader(lookup, query, seed: seed),
            FileSource(
                paths: [lookup.path], maxLine: query.maxLine, interrupt: interrupt, decompresses: decompresses,
                choice: FormatChoice(LookupLoader.plan()), columns: [.lineNumber], isJob: true))
        runInParallel(jobs) { _ in reading.work() }
        return try reading.finish(LoadingCrew(width: jobs))
    }
}

/// Threads that start with a task and end with it.
private struct LoadingCrew: Crew {
    let width: Int

    func run(_ count: Int, _ body: @escaping (Int) -> Void) {
        let next = Atomic<Int>(0)
        nonisolated(unsafe) let body = body
        runInParallel(min(width, count)) { _ in
            while case let number = next.wrappingAdd(1, ordering: .relaxed).oldValue, number < count { body(number) }
        }
    }
}
