import Plan
import StreamEngine

extension Plan {
    /// The text of `--explain`: what the run would do and which flag would change it.
    package func explanation(_ notes: OutputNotes = OutputNotes()) -> String {
        var page = ExplainPage()
        explainInput(&page, notes)
        explainTime(&page)
        explainWindows(&page)
        explainRows(&page)
        explainOutput(&page, notes)
        explainDelivery(&page, notes)
        return page.text
    }

    private func explainInput(_ page: inout ExplainPage, _ notes: OutputNotes) {
        var inputs = input.names.joined(separator: ", ")
        if input.names.count > 1 { inputs += ", in this order" }
        inputs += isLive ? "; live: it may never end." : "; read to the end."
        if let most = query.maxRecords { inputs += " Stops after \(most) records (--max-records)." }
        page.add("Input", inputs)
        for (number, line) in notes.partitions.enumerated() { page.add(number == 0 ? "Partitions" : "", line) }
        page.add(
            "",
            "\(input.recordNoun) of JSON objects up to \(query.maxLine) bytes (--max-line). A record that cannot be used is "
                + (strict ? "the end of the run (--strict)" : "counted and left out (--strict ends the run)")
                + (rejects.map { " and written to \($0)." } ?? "; --rejects FILE keeps it."))
        for item in query.lets { page.add("Let", "\(item.name) = \(item.expression.text)") }
        if let filter = query.filter { page.add("Where", filter.text) }
    }

    private func explainTime(_ page: inout ExplainPage) {
        switch query.time {
        case nil: page.add("Time", "none is needed (--time)")
        case .arrival: page.add("Time", "the clock when a record is read: the result depends on it (--time FIELD)")
        case .field(let field, _) where field.sourceColumn != nil:
            page.add("Time", "when the message was written, as its topic says: \(field.text) (--time)")
        case .field(let field, let format):
            page.add("Time", "field \(field.text), \(Plan.describe(format)) (--time-format)")
        }
        guard query.time != nil else { return }
        if let delay = query.watermarkDelay {
            page.add(
                "Watermark",
                "\(DurationText.text(delay)) behind the largest time so far (--watermark). It says how far time has "
                    + "come; it closes windows and never goes back.")
            if input.isPartitioned { return explainPartitions(&page) }
            page.add(
                "",
                query.idle.map {
                    $0 == 0
                        ? "Between records it goes on with the clock (--idle)."
                        : "After \(DurationText.text($0)) without records it goes on with the clock (--idle)."
                } ?? "Without records it stands still (--idle).")
        } else {
            page.add("Watermark", "none until the input ends: nothing is late (--watermark)")
        }
        explainAhead(&page)
    }

    private func explainAhead(_ page: inout ExplainPage) {
        page.add(
            "Ahead",
            query.maxAhead.map {
                "records more than \(DurationText.text($0)) ahead of the clock are rejected as future (--max-ahead)"
            } ?? "records may be any time ahead of the clock (--max-ahead)")
    }

    private func explainPartitions(_ page: inout ExplainPage) {
        page.add(
            "",
            "Each partition has its own; the smallest counts. "
                + (partitionIdle.map {
                    "A partition that is silent for \(DurationText.text($0)) is not waited for (--idle)."
                } ?? "A silent partition holds it (--idle)."))
        explainAhead(&page)
    }

    private static func describe(_ format: TimeFormat) -> String {
        switch format {
        case .auto: "RFC 3339 or a number since 1970 whose unit the first record of an input settles"
        case .iso: "RFC 3339"
        case .seconds: "seconds since 1970"
        case .milliseconds: "milliseconds since 1970"
        case .microseconds: "microseconds since 1970"
        case .nanoseconds: "nanoseconds since 1970"
        case .pattern: "read by a pattern"
        }
    }

    private func explainWindows(_ page: inout ExplainPage) {
        guard !query.passesThrough else {
            page.add("Records", "pass through one by one; windows, --by or an aggregate would collect them")
            return
        }
        let examples = WindowExamples(query)
        page.add("Windows", examples.kind)
        for line in examples.lines { page.add("", line) }
        if query.window.isTimed {
            page.add(
                "Closing",
                query.watermarkDelay == nil
                    ? "all windows close when the input ends"
                    : "a window closes when the watermark reaches its end, or the input ends")
            page.add(
                "Late",
                query.watermarkDelay == nil
                    ? "nothing can come late"
                    : query.lateness == 0
                        ? "a record whose windows have closed is left out and counted (--lateness corrects instead)"
                        : "for \(DurationText.text(query.lateness)) after its end a window is corrected and its row "
                            + "printed again with revision 1, 2, … (--lateness); after that late records are left out")
        }
        page.add(
            "Groups",
            query.groupKeys.isEmpty
                ? "none: one row a window (--by)"
                : query.groupKeys.map { $0.name == $0.field.text ? $0.name : "\($0.name) = \($0.field.text)" }
                    .joined(separator: ", ")
                    + "; at most \(query.maxGroups) open at once (--max-groups)")
    }

    private func explainRows(_ page: inout ExplainPage) {
        if query.passesThrough {
            page.add(
                "Columns",
                query.select.map { $0.map(Plan.describe).joined(separator: ", ") }
                    ?? (query.lets.isEmpty
                        ? "the record itself, byte for byte" : "the record itself, with the computed fields"))
            return
        }
        var columns = query.groupKeys.map { ($0.name, "key") }
        if query.window.isTimed {
            columns += [("window_start", "first instant of the window"), ("window_end", "first instant after it")]
        }
        for aggregate in query.aggregates { columns.append((aggregate.name, Plan.describe(aggregate))) }
        if query.early != nil { columns.append(("final", "false while the window is open, then true")) }
        if query.window.isTimed, query.lateness > 0 {
            columns.append(("revision", "how many times a closed window was corrected"))
        }
        let width = columns.map(\.0.count).max() ?? 0
        for (index, column) in columns.enumerated() {
            page.add(
                index == 0 ? "Columns" : "",
                column.0 + String(repeating: " ", count: width - column.0.count) + "  " + column.1,
                hanging: width + 2)
        }
        let bytes = query.bytesPerGroup
        page.add("Memory", "\(bytes) bytes for each group of an open window, and what its values need beyond that")
        if let having = query.having { page.add("Having", having.text) }
        if let select = query.select { page.add("Select", select.map(Plan.describe).joined(separator: ", ")) }
        if query.fill { page.add("Fill", "windows without records between the first and last row of a group: count 0") }
        if let early = query.early {
            page.add("Early", "open windows are printed every \(DurationText.text(early)) of the clock (--early)")
        }
        if case .rows = query.window { return }
        page.add(
            "Order",
            (query.window.isTimed ? "window end, window start, keys" : "keys")
                + " (null < booleans < numbers < strings)")
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
            page.add("Output", "\(output.name), \(query.format.rawValue) (--output, --format)")
            if output.rows == .message {
                page.add(
                    "Key",
                    query.rowKey.isEmpty
                        ? "none (--key)" : query.rowKey.map(\.text).joined(separator: ", ") + " (--key)")
            }
        }
        if query.punctuate { page.add("", "Control lines tell the next stage how far time has come (--punctuate).") }
        page.add(
            "At the end", query.passesThrough ? "the last records are written" : "open windows close; rows are printed")
        let stop =
            job == nil
            ? "as at the end" + (query.passesThrough ? "" : ": open windows are printed")
            : "what is done is committed" + (query.passesThrough ? "" : "; open windows wait for the next run")
        page.add("On INT, TERM", stop + "; a second signal quits at once")
    }

    private func explainTable(_ table: TablePlan, _ page: inout ExplainPage, _ notes: OutputNotes) {
        page.add("Output", "\(output.name), table \(table.name) (--output, --table)")
        let keys = table.columns.filter(\.isKey).map(\.name).joined(separator: ", ")
        page.add(
            "Mode",
            table.mode == .append
                ? "append: every row is added (--mode)"
                : "upsert: a row replaces the one of the same key (--mode). Key: \(keys)")
        page.add(
            "Table", table.creates ? "is made when it is missing (--create):" : "must be there; --create would make it:"
        )
        page.add("", notes.createTable)
        let open = table.columns.filter { $0.content == .unknown }.map(\.name).joined(separator: ", ")
        if !open.isEmpty { page.add("", "The first rows settle the type of: \(open)") }
        page.add(
            "Statement",
            table.mode == .append ? notes.write : "the rows are copied into pg_temp.streamctl_rows, and then:")
        if table.mode == .upsert { page.add("", notes.write) }
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
