import Plan
import StreamEngine
import System

/// Reads the files of `--lookup` as tables.
package enum LookupFiles {
    /// The lookups of a query, each with its table.
    ///
    /// - Parameters:
    ///   - seed: for hashing keys.
    ///   - interrupt: ends the reading early.
    /// - Throws: `noInput` for a file that cannot be read, `usage` for a column that it does not have, `badData` for a row
    ///   that cannot be used.
    package static func read(
        _ query: Query, decompresses: Bool, seed: UInt64, interrupt: Interrupt = .signals
    ) throws(RunError) -> [Lookup] {
        do throws(RunError) {
            try FileSource.check(query.lookups.map(\.path))
        } catch {
            throw RunError(error.kind, "lookup \(error.text)")
        }
        var lookups: [Lookup] = []
        for var lookup in query.lookups {
            lookup.table = try table(of: lookup, query, decompresses, seed, interrupt)
            lookups.append(lookup)
        }
        return lookups
    }

    private static func table(
        of lookup: Lookup, _ query: Query, _ decompresses: Bool, _ seed: UInt64, _ interrupt: Interrupt
    ) throws(RunError) -> LookupTable {
        let loader = LookupLoader(lookup, query, seed: seed)
        var source = FileSource(
            paths: [lookup.path], maxLine: query.maxLine, interrupt: interrupt, decompresses: decompresses,
            choice: FormatChoice(LookupLoader.plan()), columns: [.lineNumber], isJob: true)
        var batch = Batch()
        while true {
            let event: SourceEvent
            do throws(RunError) {
                event = try source.read(into: &batch, deadline: nil)
            } catch {
                guard error.kind == .damagedInput else { throw RunError(error.kind, "lookup \(error.text)") }
                // What else it says is about inputs.
                let problem = error.text.prefix { $0 != ";" }
                throw .badInput("lookup \(problem); a table must be whole (is it still being written?)")
            }
            switch event {
            case .lines: try loader.add(&batch, as: source.format)
            case .end: return try loader.finish()
            case .quiet: continue
            case .interrupted: throw RunError(.interrupted, "stopped while reading lookup \(lookup.path)")
            }
        }
    }
}
