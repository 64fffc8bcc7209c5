import Plan
import StreamEngine

/// Reads and checks the flags for the order of rows.
extension Plan {
    /// `--sort`, `--limit` and `--rank`: nil if none is given.
    static func order(
        _ flags: OutputArguments, _ query: Query, _ output: any OutputSpec
    ) throws(UsageError) -> RowOrder? {
        let given = [("sort", flags.sort), ("limit", flags.limit), ("rank", flags.rank)].first { $0.1 != nil }
        guard let (flag, value) = given, let value else { return nil }
        try checkWindow(query, flag, value)
        var order = RowOrder()
        if let text = flags.sort { order.columns = try sortColumns(text) }
        if let text = flags.limit { order.limit = try Numbers.count(text, of: "--limit") }
        if let text = flags.rank {
            guard !text.isEmpty else { throw UsageError("--rank '': name the column, such as --rank place") }
            guard flags.sort != nil || order.limit != nil else {
                throw UsageError("--rank \(text) numbers rows in their order; add --sort [-]COLUMN")
            }
            order.rank = text
        }
        // Of a table, ranks are part of the key: a group that drops out leaves no row behind.
        let isUpsert = output.rows == .table && flags.mode != TablePlan.Mode.append.rawValue
        if isUpsert, order.limit != nil, order.rank == nil { order.rank = "rank" }
        guard order.comparesGroups else { return order }
        let what = order.limit.map { "--limit \($0)" } ?? "--rank \(order.rank ?? "")"
        if query.lateness > 0 {
            guard order.limit != nil else {
                throw UsageError(
                    "--lateness and \(what) cannot be combined without a limit: a late record may change the ranks of all rows "
                        + "of its window; add --limit N, or remove one of them")
            }
            guard query.having == nil else {
                throw UsageError(
                    "--lateness, --having and \(what) cannot be combined: a corrected window may have fewer rows than before; "
                        + "remove one of them")
            }
        }
        guard query.fill != .gaps else {
            throw UsageError(
                "--fill and \(what) cannot be combined: rows of empty windows are printed after the other rows of the "
                    + "window; use --fill-all, or remove one of them")
        }
        if isUpsert, order.limit != nil, query.early != nil, query.having != nil {
            throw UsageError(
                "--early, --having and \(what) cannot be combined for a table: a window may have fewer rows than before; "
                    + "remove one of them")
        }
        return order
    }

    /// Rows of one window are needed.
    private static func checkWindow(_ query: Query, _ flag: String, _ value: String) throws(UsageError) {
        let what = "--\(flag) \(value)"
        guard !query.passesThrough else {
            let other =
                flag == "limit"
                ? "for the first \(value), pipe the output into 'head -n \(value)'"
                : "for another order, pipe the output into sort"
            throw UsageError(
                "\(what) is for the rows of a window, but records pass through; \(other), or add an aggregate")
        }
        switch query.window {
        case .session:
            throw UsageError(
                "\(what) compares the groups of a window, but each session is a window of one group; add a stage: "
                    + "... --then -t window_end -w 1h -g ... \(what)")
        case .rows:
            throw UsageError(
                "\(what) compares the groups of a window, but each row of --rows is of one group; use a window of time, "
                    + "such as -w 1h")
        default: break
        }
    }

    /// `[-]COLUMN,...`
    private static func sortColumns(_ text: String) throws(UsageError) -> [RowOrder.Column] {
        let what = "--sort '\(text)'"
        guard !text.isEmpty else { throw UsageError("\(what): name a column, such as --sort -count") }
        var columns: [RowOrder.Column] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            var name = String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            let isDescending = name.hasPrefix("-")
            if isDescending { name.removeFirst() }
            guard !name.isEmpty else { throw UsageError("\(what): a name is missing; write COLUMN or -COLUMN") }
            let words = name.split { $0 == " " || $0 == ":" }
            if words.count > 1, let last = words.last, ["asc", "desc"].contains(last.lowercased()) {
                let column = words[0]
                throw UsageError("\(what): write \(last.lowercased() == "desc" ? "-" : "")\(column)")
            }
            if name.hasPrefix("+") { throw UsageError("\(what): write \(name.dropFirst())") }
            guard let column = try? FieldPath.parse(name).columnName else {
                throw UsageError(
                    "\(what): '\(name)' is not the name of a column; name it with NAME=, such as -a 'n=count()'")
            }
            guard !columns.contains(where: { $0.name.utf8.elementsEqual(column.utf8) }) else {
                throw UsageError("\(what): '\(column)' is given twice; remove one of them")
            }
            columns.append(RowOrder.Column(name: column, isDescending: isDescending))
        }
        return columns
    }

    /// The columns of `--sort` must exist, and be known before rows are in order.
    static func checkOrder(_ query: Query) throws(UsageError) {
        guard let order = query.order else { return }
        let late = Set(
            [order.rank].compactMap(\.self) + (query.early != nil ? ["final"] : [])
                + (query.lateness > 0 ? ["revision"] : []))
        let selected = query.select ?? []
        let columns = query.resultColumns.filter { !late.contains($0) }
        let names = selected.map(\.name).filter { !columns.contains($0) } + columns
        for column in order.columns {
            if let item = selected.first(where: { $0.name == column.name }) {
                guard let field = item.expression.fields.first(where: { late.contains($0.columnName) }) else {
                    continue
                }
                throw UsageError("--sort \(column.name): '\(field.text)' is known only after rows are sorted")
            }
            guard !late.contains(column.name) else {
                throw UsageError("--sort \(column.name): it is known only after rows are sorted")
            }
            guard !names.contains(column.name) else { continue }
            let near = Spelling.nearest(to: column.name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
            throw UsageError(
                "--sort: unknown column '\(column.name)'\(near); the columns are \(names.joined(separator: ", "))")
        }
    }
}
