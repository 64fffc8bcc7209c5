import Plan
import StreamEngine

/// The text of `--fields`.
struct FieldReport {
    let fields: [FieldProfile]
    let records: Int
    /// The inputs as the command line names them.
    let inputs: [String]
    /// The options that say where the records are.
    var options: [String] = []

    /// For each field: its path, kinds, share of records, values and an option.
    struct Row: Equatable {
        var field: String
        var kind: String
        var share: String
        var values: String
        var option: String
        /// The share as a number from 0 to 1, for programs.
        var fraction = "share"
    }

    var rows: [Row] {
        fields.map { field in
            Row(
                field: field.path, kind: field.kind, share: share(field), values: Self.values(field),
                option: Self.option(field) ?? "", fraction: fraction(field))
        }
    }

    private func fraction(_ field: FieldProfile) -> String {
        let tenths = records > 0 ? field.count * 10_000 / records : 0
        return "\(Double(tenths) / 10_000)"
    }

    private func share(_ field: FieldProfile) -> String {
        guard records > 0 else { return "" }
        if field.count == records { return "100%" }
        if field.count == 0 { return "0%" }
        let tenths = field.count * 1000 / records
        if tenths == 0 { return "<0.1%" }
        return tenths >= 100 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths % 10)%"
    }

    // MARK: Values

    static func values(_ field: FieldProfile) -> String {
        if field.isTime {
            let times = field.times
            let span = "\(time(times.earliest)) to \(time(times.latest))"
            guard times.disorderedCount > 0 else { return span + ", in order" }
            return span + ", out of order by up to \(DurationText.text(roundedUp(times.worstDisorder)))"
        }
        if field.count(.object) + field.count(.array) > 0 { return "" }
        if let range = field.range, field.examples.count > 8 || field.hasMoreExamples {
            return "\(number(range.least)) to \(number(range.greatest))"
        }
        var shown: [String] = []
        var width = 0
        for example in field.examples where shown.count < 6 {
            width += example.text.count + 2
            if width > 60, !shown.isEmpty { break }
            shown.append(example.text.isEmpty ? "\"\"" : example.text)
        }
        let rest =
            field.hasMoreExamples ? "..." : field.examples.count > shown.count ? "... (\(field.examples.count))" : ""
        return shown.joined(separator: ", ") + (rest.isEmpty ? "" : ", " + rest)
    }

    private static func time(_ micros: Int64) -> String {
        var buffer = ByteBuffer(capacity: 40)
        buffer.append(time: micros)
        return buffer.text
    }

    private static func number(_ value: Double) -> String {
        guard value.magnitude < 1e15, let whole = Int64(exactly: value) else { return "\(value)" }
        return "\(whole)"
    }

    private static func roundedUp(_ time: Int64) -> Int64 {
        let unit: Int64 = time >= 1_000_000 ? 1_000_000 : 1_000
        let (sum, overflow) = time.addingReportingOverflow(unit - 1)
        return overflow ? time : sum / unit * unit
    }

    // MARK: Options

    /// The option that uses the field as it is most likely meant.
    static func option(_ field: FieldProfile) -> String? {
        let path = Shell.quoted(field.path)
        if field.isTime { return "-t \(path)" }
        if field.isGroup { return "-g \(path)" }
        if field.isNumeric {
            return isIdentifier(field) ? "--distinct \(path)" : "--quantile \(Shell.quoted("0.99:" + field.path))"
        }
        if field.count(.string) > 0, field.count(.object) + field.count(.array) == 0 { return "--distinct \(path)" }
        return nil
    }

    /// Numbers that only tell records apart.
    private static func isIdentifier(_ field: FieldProfile) -> Bool {
        let name = field.path.lowercased()
        return name == "id" || name.hasSuffix("_id") || name.hasSuffix(".id") || name.hasSuffix("uuid")
            || name.hasSuffix("Id")
    }

    /// A whole command line to start from.
    var start: String? {
        guard !fields.isEmpty else { return nil }
        var words = ["streamctl"] + inputs.filter { $0 != "-" }.map(Shell.quoted) + options
        if let time = fields.first(where: { $0.isTime && $0.count * 10 >= records * 9 }) {
            let span = time.times.latest &- time.times.earliest
            let hour: Int64 = 3_600_000_000
            words += [
                "-t \(Shell.quoted(time.path))", "-w \(span <= 3 * hour ? "1m" : span <= 72 * hour ? "1h" : "1d")",
            ]
        }
        let groups = fields.filter { $0.isGroup && $0.examples.count > 1 && $0.count(.string) > 0 }
        if let group = groups.first(where: { ["service", "host", "name", "kind", "type"].contains($0.path) })
            ?? groups.first
        {
            words.append("-g \(Shell.quoted(group.path))")
        }
        words.append("--count")
        let measures = fields.filter { $0.isNumeric && !$0.isTime && !$0.isGroup && !Self.isIdentifier($0) }
        if let measure = measures.first(where: { $0.count(.number) > 0 }) ?? measures.first {
            words.append("--avg \(Shell.quoted(measure.path))")
        }
        return words.joined(separator: " ")
    }

    // MARK: Forms

    static let header = Row(field: "field", kind: "kind", share: "share", values: "values", option: "option")

    /// Columns for readers.
    var table: String {
        let all = [Self.header] + rows
        func width(_ part: (Row) -> String, most: Int) -> Int { min(most, all.map { part($0).count }.max() ?? 0) }
        let widths = (
            width(\.field, most: 32), width(\.kind, most: 20), width(\.share, most: 5), width(\.option, most: 36)
        )
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        return all.map { row in
            var line = pad(row.field, widths.0) + "  " + pad(row.kind, widths.1) + "  "
            line += String(repeating: " ", count: max(0, widths.2 - row.share.count)) + row.share + "  "
            line += pad(row.option, widths.3) + "  " + row.values
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// One row a line, for programs.
    func text(_ format: OutputFormat) -> String {
        var buffer = ByteBuffer(capacity: 4096)
        switch format {
        case .table, .spark, .bars, .heat, .svg: return table
        case .json:
            for row in rows {
                for (number, cell) in Self.cells(row).enumerated() {
                    buffer.append(number == 0 ? "{" : "," as StaticString)
                    buffer.append(quotedName: Self.cells(Self.header)[number])
                    buffer.append(":" as StaticString)
                    if number == Self.fractionColumn { buffer.append(cell) } else { buffer.append(quotedName: cell) }
                }
                buffer.append("}\n" as StaticString)
            }
        case .csv, .tsv:
            for row in [Self.header] + rows {
                buffer.append(delimited: Self.cells(row), asCSV: format == .csv)
            }
        }
        return buffer.text
    }

    private static func cells(_ row: Row) -> [String] { [row.field, row.kind, row.fraction, row.option, row.values] }
    private static let fractionColumn = 2
}
