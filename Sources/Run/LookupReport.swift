import Files
import Plan
import StreamEngine
import System

/// Reads the tables of `--lookup`, and says what they are.
///
/// - Parameter reload: takes those that are read again.
/// - Throws: also `usage` where a column has the name of the event time.
func readTables(_ run: RunContext, _ kinds: Kinds, _ reload: LookupReload? = nil) throws(RunError) -> [Lookup] {
    let plan = run.plan
    guard !plan.query.lookups.isEmpty else { return [] }
    let seed = randomSeed()
    // What is written while a file is read is seen later.
    let files = plan.query.lookups.map { $0.reload == nil ? nil : FileChange(ofFile: $0.path) }
    var lookups = try LookupFiles.read(
        plan.query, decompresses: plan.decompresses, seed: seed, jobs: plan.workerCount)
    for number in lookups.indices where lookups[number].database != nil {
        if lookups[number].database?.byKey != nil {
            lookups[number].keyed = try kinds.openTable(of: lookups[number], run, seed: seed)
        } else {
            lookups[number].table = try kinds.readTable(of: lookups[number], run, seed: seed)
        }
    }
    for number in lookups.indices where lookups[number].reload != nil {
        guard lookups[number].database != nil || files[number] != nil else {
            throw .usage(
                "lookup \(lookups[number].path): reload= requires a file, since a pipe can be read only once; remove reload="
            )
        }
        lookups[number].current = lookups[number].table.map { CurrentTable($0) }
        reload?.add(lookups[number], of: run, file: files[number])
    }
    for lookup in lookups {
        try checkTime(lookup, plan.query)
        try checkPaths(lookup, plan.query)
        if let table = lookup.table { describe(lookup, table, plan) }
    }
    return lookups
}

/// The event time is read from the records, so that it must not have the name of a column.
private func checkTime(_ lookup: Lookup, _ query: Query) throws(RunError) {
    guard case .field(let path, _) = query.time, let name = path.name.map({ String(decoding: $0, as: UTF8.self) }),
        lookup.names?.contains(name) ?? false, !query.lets.contains(where: { $0.name == name })
    else { return }
    throw .usage(
        "lookup \(lookup.path): its column '\(name)' has the name of --time; add prefix=NAME_ to rename its columns, or "
            + "columns= to choose others")
}

/// A part of a column would be looked for in the record.
private func checkPaths(_ lookup: Lookup, _ query: Query) throws(RunError) {
    let names = Set(lookup.names ?? []).subtracting(query.lets.map(\.name))
    for use in query.fieldUses where use.path.steps.count > 1 {
        guard case .name(let first)? = use.path.steps.first, !names.contains(use.path.columnName) else { continue }
        let name = String(decoding: first, as: UTF8.self)
        guard names.contains(name) else { continue }
        throw .usage(
            "\(use.place): '\(use.path.text)' is a part of the column '\(name)' of lookup \(lookup.path); name the part in "
                + "columns=, such as columns=\(use.path.text.dropFirst(lookup.prefix.count)), and write it in double quotes"
        )
    }
}

private func describe(_ lookup: Lookup, _ table: LookupTable, _ plan: Plan) {
    guard plan.verbosity != .quiet, !plan.explain else { return }
    func say(_ text: String) { StandardStreams.writeError(Diagnostics.line("lookup \(lookup.path): \(text)")) }
    if table.counts.rows == 0 { say("the table has no rows") }
    guard plan.verbosity == .verbose else { return }
    say("\(table.counts.rows) rows, \(table.counts.bytes) bytes of memory")
    if let text = lookup.duplicates { say("\(text) (match=)") }
}

extension Lookup {
    /// Which of the rows with one key counts; nil if there is only one of each.
    fileprivate var duplicates: String? {
        guard asOf == nil, let count = table?.counts.duplicates, count > 0 else { return nil }
        return "\(count) rows have the key of an earlier row; the \(match.rawValue) row of a key counts"
    }

    /// For `--explain`.
    var notes: [String] {
        let comparison = zip(fields, keys).map { $0 == $1 ? $0.text : "\($0.text) = \($1.text)" }
        var lines = ["\(path) on \(comparison.joined(separator: ", ")): "]
        if let counts = table?.counts {
            lines[0] +=
                "\(counts.rows) rows, \(counts.keys) keys, \(table?.content.size ?? 0) bytes; \(counts.bytes) bytes of memory"
        } else if let byKey = database?.byKey {
            lines[0] += "rows are fetched when records need them"
            lines.append(
                "The last \(byKey.cache) keys are kept with their rows (cache), each for \(DurationText.text(byKey.ttl)) (ttl)."
            )
        } else {
            return []
        }
        if let reload {
            let every = DurationText.text(reload)
            lines.append(
                database == nil
                    ? "It is read again when it has changed, looked at every \(every) (reload)."
                    : "It is read again every \(every) (reload).")
        }
        let names = names ?? []
        lines.append(names.isEmpty ? "It adds no column." : "It adds \(names.joined(separator: ", ")).")
        if let asOf {
            lines.append(
                "The row of a key with the largest \(asOf.text) that is not later than the event time counts (as-of).")
        } else if let text = duplicates {
            lines.append("\(text) (match).")
        }
        switch missing {
        case .null: lines.append("Without a row, they are null (missing).")
        case .drop: lines.append("A record without a row is filtered (missing).")
        case .reject: lines.append("A record without a row is rejected (missing).")
        }
        return lines
    }
}
