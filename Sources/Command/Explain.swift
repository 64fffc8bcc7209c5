import Plan
import StreamEngine

extension Plan {
    /// The text of `--explain`: what the run would do and which flag would change it.
    package func explanation(_ notes: OutputNotes = OutputNotes()) -> String {
        var page = ExplainPage()
        explainInput(&page, notes)
        explainRecords(&page, notes.lookups.first ?? [])
        explainTime(&page)
        explainWindows(&page)
        explainRows(&page)
        for number in laterQueries.indices {
            let stage = ofStage(number + 1)
            page.add("Stage \(number + 2)", "reads \(stage.input.noun), as records (--then)")
            stage.explainRecords(&page, notes.lookups.dropFirst(number + 1).first ?? [])
            stage.explainStageTime(&page)
            stage.explainWindows(&page)
            stage.explainRows(&page)
        }
        explainOutput(&page, notes)
        explainDelivery(&page, notes)
        return page.text
    }

    private func explainInput(_ page: inout ExplainPage, _ notes: OutputNotes) {
        var inputs = input.names.joined(separator: ", ")
        if input.names.count > 1, !input.isPartitioned { inputs += ", in this order" }
        inputs += isLive ? "; live: it may never end." : "; read to the end."
        if let most = query.maxRecords { inputs += " Stops after \(most) records (--max-records)." }
        page.add("Input", inputs)
        for (number, line) in notes.inputs.enumerated() {
            page.add(number == 0 && input.isPartitioned ? input.partitionTitle : "", line)
        }
        page.add("Format", explainFormat())
        if !notes.fields.isEmpty { page.add("Fields", notes.fields.joined(separator: ", ")) }
        page.add(
            "",
            "Records have up to \(query.maxLine) bytes (--max-line). A rejected record "
                + (strict ? "ends the run (--strict)" : "is counted and dropped (--strict ends the run)")
                + (rejects.map { " and appended to \($0)." } ?? "; --rejects FILE keeps it."))
        if !query.nesting.arrays.isEmpty {
            page.add(
                "Each",
                "element of \(query.nesting.arrayText) is a record; the fields around it are outer.NAME (--each)")
        }
        for text in query.nesting.texts {
            page.add("Unwrap", "the record in \(text.field.text); fields that it hides are outer.NAME (--unwrap)")
        }
    }

    /// What happens to a record before windows.
    private func explainRecords(_ page: inout ExplainPage, _ lookups: [String]) {
        for (number, line) in lookups.enumerated() { page.add(number == 0 ? "Lookup" : "", line) }
        for item in query.lets { page.add("Let", "\(item.name) = \(item.expression.text)") }
        if let filter = query.filter { page.add("Where", filter.text) }
        explainDedup(&page)
    }

    private func explainFormat() -> String {
        guard format.name == .auto else { return "\(format.name.rawValue) (--input-format)" }
        guard let decidedFormat else { return "decided by the first records (--input-format)" }
        return "\(decidedFormat.name), by the first records (--input-format)"
    }

    private func explainTime(_ page: inout ExplainPage) {
        switch query.time {
        case nil: page.add("Time", "not needed (--time)")
        case .arrival: page.add("Time", "the wall clock when a record is read; results depend on it (--time FIELD)")
        case .field(let field, _) where field.sourceColumn != nil:
            page.add("Time", "the message timestamp, \(field.text) (--time)")
        case .field(let field, let format):
            page.add("Time", "field \(field.text), \(Plan.describe(format)) (--time-format)")
        }
        guard query.time != nil else { return }
        if let delay = query.watermarkDelay {
            page.add(
                "Watermark",
                "trails the largest event time by \(DurationText.text(delay)) (--watermark). It closes windows and "
                    + "never moves backwards.")
            if input.isPartitioned { return explainPartitions(&page) }
            page.add(
                "",
                query.idle.map {
                    $0 == 0
                        ? "Between records, it follows the wall clock (--idle)."
                        : "After \(DurationText.text($0)) without records, it follows the wall clock (--idle)."
                } ?? "Without records, it does not advance (--idle).")
        } else {
            page.add("Watermark", "none until the input ends: no record is late (--watermark)")
        }
        explainAhead(&page)
    }

    /// A stage behind `--then` gets its watermark from the one before it.
    private func explainStageTime(_ page: inout ExplainPage) {
        guard case .field(let field, _) = query.time else { return page.add("Time", "not needed (--time)") }
        page.add("Time", "column \(field.text) (--time)")
        page.add("Watermark", "that of the stage before it: the earliest \(field.text) that can still come")
    }

    private func explainAhead(_ page: inout ExplainPage) {
        page.add(
            "Ahead",
            query.maxAhead.map {
                "records more than \(DurationText.text($0)) ahead of the wall clock are rejected (--max-ahead)"
            } ?? "records may be any time ahead of the wall clock (--max-ahead)")
    }

    private func explainPartitions(_ page: inout ExplainPage) {
        page.add(
            "",
            "Each \(input.partitionNoun) has its own watermark; the smallest applies. "
                + (partitionIdle.map {
                    "A \(input.partitionNoun) that is idle for \(DurationText.text($0)) is ignored"
                        + (query.idle == nil ? " (--idle)." : "; if all are, it follows the wall clock (--idle).")
                } ?? "An idle \(input.partitionNoun) holds it back (--idle)."))
        explainAhead(&page)
    }

    private static func describe(_ format: TimeFormat) -> String {
        switch format {
        case .auto: "RFC 3339 and other forms that are certain, or a number since 1970 whose unit follows from its size"
        case .iso: "RFC 3339"
        case .seconds: "seconds since 1970"
        case .milliseconds: "milliseconds since 1970"
        case .microseconds: "microseconds since 1970"
        case .nanoseconds: "nanoseconds since 1970"
        case .pattern: "read with a pattern"
        }
    }

    private func explainWindows(_ page: inout ExplainPage) {
        guard !query.passesThrough else {
            page.add("Records", "pass through one by one; windows, --by or an aggregate would group them")
            return
        }
        let examples = WindowExamples(query)
        page.add("Windows", examples.kind)
        for line in examples.lines { page.add("", line) }
        let hasNoWatermark = query.watermarkDelay == nil && !(input is StageInput)
        if query.window.isTimed {
            page.add(
                "Closing",
                hasNoWatermark
                    ? "all windows close when the input ends"
                    : "a window closes when the watermark reaches its end, or the input ends")
            page.add(
                "Late",
                hasNoWatermark
                    ? "no record is late"
                    : query.lateness == 0
                        ? "a record whose windows have all closed is counted and dropped (--lateness corrects instead)"
                        : "for \(DurationText.text(query.lateness)) after its end, late records correct a window; its "
                            + "\(query.order?.limit == nil ? "row is" : "rows are") printed again with revision 1, 2, … (--lateness). Later records are dropped"
            )
        }
        page.add(
            "Groups",
            query.groupKeys.isEmpty
                ? "none: one row per window (--by)"
                : query.groupKeys.map { $0.name == $0.expression.text ? $0.name : "\($0.name) = \($0.expression.text)" }
                    .joined(separator: ", ")
                    + "; at most \(query.maxGroups) open at once (--max-groups)")
    }

    private func explainRows(_ page: inout ExplainPage) {
        if query.passesThrough {
            page.add(
                "Columns",
                query.select.map { $0.map(Plan.describe).joined(separator: ", ") }
                    ?? (query.lets.isEmpty && query.lookups.isEmpty
                        ? "the record, byte for byte"
                        : query.lookups.isEmpty
                            ? "the record, with the computed fields"
                            : "the record, with the columns of tables and the computed fields"))
            return
        }
        var columns = query.groupKeys.map { ($0.name, "key") }
        if query.window.isTimed {
            columns += [
                ("window_start", "start of the window (inclusive)"), ("window_end", "end of the window (exclusive)"),
            ]
        }
        if let rank = query.order?.rank { columns.append((rank, "place of the row in its window, from 1")) }
        var hidden = Set(query.aggregates.indices)
        for column in query.aggregateColumns {
            switch column {
            case .aggregate(let index):
                columns.append((query.aggregates[index].name, Plan.describe(query.aggregates[index])))
                hidden.remove(index)
            case .computed(let item): columns.append((item.name, item.expression.text))
            }
        }
        if query.early != nil { columns.append(("final", "false while the window is open, then true")) }
        if query.window.isTimed, query.lateness > 0 {
            columns.append(("revision", "number of corrections to the closed window"))
        }
        let width = columns.map(\.0.count).max() ?? 0
        for (index, column) in columns.enumerated() {
            page.add(
                index == 0 ? "Columns" : "",
                column.0 + String(repeating: " ", count: width - column.0.count) + "  " + column.1,
                hanging: width + 2)
        }
        for (number, index) in hidden.sorted().enumerated() {
            page.add(number == 0 ? "Aggregates" : "", Plan.describe(query.aggregates[index]))
        }
        let bytes = query.bytesPerGroup
        page.add("Memory", "\(bytes) bytes per group of an open window, plus the size of its values")
        if let having = query.having { page.add("Having", having.text) }
        if let select = query.select { page.add("Select", select.map(Plan.describe).joined(separator: ", ")) }
        switch query.fill {
        case .none: break
        case .gaps: page.add("Fill", "empty windows between the first and last row of a group: count 0 (--fill)")
        case .all: page.add("Fill", "every window has a row for each group seen so far (--fill-all)")
        }
        if let early = query.early {
            page.add("Early", "open windows are printed every \(DurationText.text(early)) of wall-clock time (--early)")
        }
        if case .rows = query.window { return }
        let sorting = (query.order?.columns ?? []).map { $0.isDescending ? "\($0.name) (largest first)" : $0.name }
        let order = (query.window.isTimed ? ["window end", "window start"] : []) + sorting + ["keys"]
        let limit = query.order?.limit.map { "; the first \($0) of each window" } ?? ""
        page.add("Order", order.joined(separator: ", ") + " (null < booleans < numbers < strings)\(limit)")
    }

    private static func describe(_ column: NamedExpression) -> String {
        column.name == column.expression.text ? column.name : "\(column.name) = \(column.expression.text)"
    }

    private static func describe(_ aggregate: Aggregate) -> String {
        var arguments = aggregate.arguments.map(\.text)
        if let parameter = aggregate.function.parameter { arguments.append(parameter.text(aggregate.parameter)) }
        return "\(aggregate.function)(\(arguments.joined(separator: ", "))): \(aggregate.function.method)"
    }

    private func explainOutput(_ page: inout ExplainPage, _ notes: OutputNotes) {
        if let table {
            explainTable(table, &page, notes)
        } else {
            page.add("Output", "\(output.name), \(lastQuery.format.rawValue) (--output, --format)")
            if output.rows == .message {
                page.add(
                    "Key",
                    lastQuery.rowKey.isEmpty
                        ? "none (--key)" : lastQuery.rowKey.map(\.text).joined(separator: ", ") + " (--key)")
                let headers = lastQuery.rowHeaders.map { "\($0.name) = \($0.field.text)" }.joined(separator: ", ")
                if !headers.isEmpty { page.add("Headers", headers + " (--header)") }
            }
        }
        if lastQuery.punctuate { page.add("", "Control lines pass the watermark to the next stage (--punctuate).") }
        page.add(
            "At the end",
            lastQuery.passesThrough ? "the last records are written" : "open windows close; rows are printed")
        let stop =
            job == nil
            ? "as at the end" + (lastQuery.passesThrough ? "" : ": open windows are printed")
            : "finished work is committed" + (lastQuery.passesThrough ? "" : "; the next run resumes open windows")
        page.add("On INT, TERM", stop + "; a second signal ends the run at once")
    }

    private func explainTable(_ table: TablePlan, _ page: inout ExplainPage, _ notes: OutputNotes) {
        page.add("Output", "\(output.name), table \(table.name) (--output, --table)")
        let keys = table.columns.filter(\.isKey).map(\.name).joined(separator: ", ")
        page.add(
            "Mode",
            table.mode == .append
                ? "append: every row is added (--mode)"
                : lastQuery.changes.map { explain($0, keys) }
                    ?? "upsert: a row replaces the row with the same key (--mode). Key: \(keys)")
        page.add(
            "Table",
            table.creates ? "created if it does not exist (--create):" : "must exist; --create would create it:"
        )
        page.add("", notes.createTable)
        let open = table.columns.filter { $0.content == .unknown }.map(\.name).joined(separator: ", ")
        if !open.isEmpty { page.add("", "The first rows determine the type of: \(open)") }
        page.add(
            "Statement",
            table.mode == .append ? notes.write.joined() : "the rows are copied into pg_temp.streamctl_rows, and then:")
        if table.mode == .upsert { for line in notes.write { page.add("", line) } }
    }

    private func explain(_ changes: RowChanges, _ keys: String) -> String {
        var text = "upsert: a record replaces the row with the same key. Key: \(keys) (--key)."
        if let version = changes.version { text += " A row with a later \(version) stays as it is (--if-newer)." }
        if let deletion = changes.deletion { text += " A record deletes its row if \(deletion.text) (--delete)." }
        if changes.takesTombstones { text += " A tombstone, a message without a value, deletes its row." }
        return text
    }
}

/// Labels on the left, wrapped text on the right.
struct ExplainPage {
    private(set) var text = ""
    private static let margin = 14

    /// - Parameter hanging: further lines of the text are indented by this many columns more.
    mutating func add(_ label: String, _ body: String, hanging: Int = 0) {
        let indent = ExplainPage.margin
        let head = body.prefix(hanging)
        let lines = Help.wrap(String(body.dropFirst(hanging)), indent: indent + hanging)
        for (number, line) in lines.enumerated() {
            if number > 0 {
                text += line + "\n"
                continue
            }
            text += label + String(repeating: " ", count: max(1, indent - label.count)) + head
            text += line.dropFirst(indent + hanging) + "\n"
        }
    }
}
