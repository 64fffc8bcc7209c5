import Plan
import StreamEngine

/// `--lookup`.
extension Plan {
    /// The tables, in order. Requires the event time and the computed fields.
    static func lookups(_ flags: ExpressionArguments, _ query: Query) throws(UsageError) -> [Lookup] {
        var lookups: [Lookup] = []
        for text in flags.lookups { lookups.append(try lookup(text)) }
        for lookup in lookups where lookup.asOf != nil { try checkTime(lookup, query) }
        return lookups
    }

    private static let parts = ["on", "key", "columns", "prefix", "missing", "match", "as-of", "reload"]
    /// Those of tables of databases.
    private static let databaseParts = ["table", "load", "cache", "ttl"]

    private static func lookup(_ text: String) throws(UsageError) -> Lookup {
        var path = String(text.lastIndex(of: "?").map { text[..<$0] } ?? text[...])
        let isDatabase = PostgresURL.parse(path) != nil
        // A URL may contain a password.
        let shown = isDatabase ? "postgresql://…" : text
        func wrong(_ reason: String) -> UsageError { UsageError("--lookup '\(shown)': \(reason)") }
        try checkPath(path, wrong)
        var given: [String: String] = [:]
        var options: [Substring] = []
        let rest = text.utf8.count > path.utf8.count ? text.dropFirst(path.count + 1) : ""
        for part in rest.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(pair[0])
            let known = isDatabase ? parts + databaseParts : parts
            guard known.contains(name) else {
                let near = partSynonym(name, among: known) ?? Spelling.nearest(to: name, among: known)
                if isDatabase, near == nil {
                    options.append(part)
                    continue
                }
                if !isDatabase, let problem = ofDatabase(name) { throw wrong(problem) }
                throw wrong(
                    "unknown part '\(name)'; use \(oneOf(known))" + (near.map { " (did you mean \($0)?)" } ?? ""))
            }
            guard given[name] == nil else { throw wrong("\(name)= is given twice; remove one") }
            guard pair.count == 2, !pair[1].isEmpty else { throw wrong("\(name)= needs a value") }
            given[name] = String(pair[1])
        }
        guard let on = given["on"] else {
            throw wrong(
                isDatabase
                    ? "which field of the record is looked up? Add &on=FIELD, and &key=COLUMN if the column of the table has "
                        + "another name"
                    : "which field of the record is looked up? Write --lookup '\(path)?on=FIELD', and key=COLUMN if the column of "
                        + "the table has another name")
        }
        let fields = try paths(on, "on", wrong)
        let keys = try given["key"].map { text throws(UsageError) in try paths(text, "key", wrong) } ?? fields
        guard keys.count == fields.count else {
            throw wrong("on= has \(fields.count) and key= has \(keys.count); name as many columns as fields")
        }
        if given["key"] == nil, let field = fields.first(where: { $0.sourceColumn != nil }) {
            throw wrong("a table has no column \(field.text); add key=COLUMN")
        }
        var database: Lookup.Database?
        if isDatabase {
            database = Lookup.Database(url: path + (options.isEmpty ? "" : "?" + options.joined(separator: "&")))
            path = try tableName(given, wrong)
            database?.byKey = try byKey(given, wrong)
        }
        var lookup = Lookup(path: path, fields: fields, keys: keys)
        lookup.database = database
        lookup.reload = try reload(given, isDatabase: isDatabase, wrong)
        lookup.columns = try given["columns"].map { text throws(UsageError) in try paths(text, "columns", wrong) }
        lookup.prefix = given["prefix"] ?? ""
        lookup.missing = try choice(given["missing"], "missing", or: .null, wrong)
        lookup.asOf = try given["as-of"].flatMap { text throws(UsageError) in try paths(text, "as-of", wrong).first }
        if lookup.asOf != nil, let match = given["match"] {
            throw wrong("as-of= decides which row counts, of equal times the last one; remove match=\(match)")
        }
        lookup.match = try choice(given["match"], "match", or: .first, wrong)
        return lookup
    }

    private static func checkPath(_ path: String, _ wrong: (String) -> UsageError) throws(UsageError) {
        guard !path.isEmpty else { throw wrong("the name of the table is missing; write --lookup 'FILE?on=FIELD'") }
        guard path != "-" else { throw wrong("a table is a file; standard input is for records") }
        if path.hasPrefix(KafkaURL.scheme) {
            throw UsageError(
                "--lookup reads tables from files and databases, not from a topic; write the topic to a file first, then --lookup "
                    + "'FILE?on=FIELD&match=last'")
        }
    }

    /// The table of a database.
    private static func tableName(
        _ given: [String: String], _ wrong: (String) -> UsageError
    ) throws(UsageError) -> String {
        guard let name = given["table"] else {
            throw wrong("which table? Add &table=NAME, or &table=SCHEMA.NAME")
        }
        do throws(RunError) { _ = try TableName(parsing: name) } catch { throw wrong("table=\(name): \(error.text)") }
        return name
    }

    /// Why a part that only tables of databases have does not apply to a file; nil for others.
    private static func ofDatabase(_ part: String) -> String? {
        switch part {
        case "load", "cache", "ttl": "\(part)= is for tables of databases; a file is always read as a whole; remove it"
        case "table":
            "table= is for tables of databases; write --lookup 'postgresql://HOST/DATABASE?table=NAME&on=FIELD&load=all'"
        default: nil
        }
    }

    private static func paths(
        _ text: String, _ part: String, _ wrong: (String) -> UsageError
    ) throws(UsageError) -> [FieldPath] {
        var paths: [FieldPath] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            let path: FieldPath
            do throws(FieldPathError) {
                path = try FieldPath.parse(String(name))
            } catch {
                throw wrong(
                    "\(part)=\(text): '\(name)' is not a name (\(error.reason)); put unusual names in double quotes")
            }
            guard part == "on" || part == "key" || !paths.contains(path) else {
                throw wrong("\(part)=\(text): '\(name)' is there twice; remove one")
            }
            guard part == "on" || path.sourceColumn == nil else {
                throw wrong("\(part)=\(text): a table has no column \(name)")
            }
            paths.append(path)
        }
        if part == "as-of", paths.count > 1 { throw wrong("as-of=\(text): name one column with times") }
        return paths
    }

    private static func oneOf(_ names: [String]) -> String {
        "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String?, _ part: String, or usual: Choice, _ wrong: (String) -> UsageError
    ) throws(UsageError) -> Choice where Choice.RawValue == String {
        guard let text else { return usual }
        guard let choice = Choice(rawValue: text) else {
            throw wrong("\(part)='\(text)': use \(oneOf(Choice.allCases.map(\.rawValue)))")
        }
        return choice
    }

    /// A row that depends on the event time needs it before anything is computed.
    private static func checkTime(_ lookup: Lookup, _ query: Query) throws(UsageError) {
        let part = "--lookup '\(lookup.path)': as-of=\(lookup.asOf?.text ?? "")"
        guard case .field(let path, _) = query.time else {
            throw UsageError("\(part) needs the event time of records; add -t FIELD")
        }
        if query.lets.contains(where: { $0.name.utf8.elementsEqual(path.name ?? []) }) {
            throw UsageError(
                "\(part) needs the event time before --let \(path.text) is computed; name a field of the records with -t"
            )
        }
    }

    /// `--lookup-changed`.
    static func acceptsChangedTables(_ flags: DeliveryArguments, _ queries: [Query]) throws(UsageError) -> Bool {
        guard let text = flags.lookupChanged else { return false }
        guard text == "accept" || text == "fail" else {
            throw UsageError("--lookup-changed '\(text)': use fail or accept")
        }
        guard flags.job != nil, queries.contains(where: { !$0.lookups.isEmpty }) else {
            throw UsageError("--lookup-changed \(text) applies only to a --job with --lookup; remove it")
        }
        return text == "accept"
    }
}
