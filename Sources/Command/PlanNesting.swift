import Plan
import StreamEngine

extension Plan {
    /// `--each` and `--unwrap`.
    static func readNesting(_ flags: InputArguments, _ format: inout FormatPlan) throws(UsageError) -> Nesting {
        var nesting = Nesting()
        for text in flags.each { nesting.arrays += try arrays(text) }
        if !nesting.arrays.isEmpty {
            guard [.auto, .json, .jsonStream, .docker, .journal].contains(format.name) else {
                throw UsageError(
                    "--each '\(flags.each[0])' reads arrays of JSON, but --input-format is \(format.name.rawValue)")
            }
            format.isJSON = true
        }
        for text in flags.unwrap { nesting.texts.append(try packedText(text, flags)) }
        return nesting
    }

    /// `Records`, `Records[]`, or several arrays inside of each other: `a[].b[].c`.
    private static func arrays(_ text: String) throws(UsageError) -> [FieldPath] {
        var rest = text
        if rest.hasPrefix(".") { rest.removeFirst() }
        var paths: [FieldPath] = []
        while true {
            let parts = rest.parts(around: "[]")
            do throws(FieldPathError) {
                paths.append(try FieldPath.parse(parts?.before ?? rest))
            } catch {
                throw UsageError("--each '\(text)': \(error.reason); write --each FIELD, or --each FIELD[].FIELD")
            }
            guard let after = parts?.after, !after.isEmpty else { return paths }
            rest = after.hasPrefix(".") ? String(after.dropFirst()) : after
        }
    }

    /// FIELD or FIELD:FORMAT.
    private static func packedText(_ text: String, _ flags: InputArguments) throws(UsageError) -> Nesting.PackedText {
        var name = text
        var kind = Nesting.TextFormat.auto
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("\"") {
            name = String(text[..<colon])
            kind = try textFormat(String(text[text.index(after: colon)...]), text, flags)
        }
        do throws(FieldPathError) {
            return Nesting.PackedText(field: try FieldPath.parse(name), format: kind)
        } catch {
            throw UsageError("--unwrap '\(text)': \(error.reason); write --unwrap FIELD or --unwrap FIELD:FORMAT")
        }
    }

    private static func textFormat(
        _ name: String, _ text: String, _ flags: InputArguments
    ) throws(UsageError) -> Nesting.TextFormat {
        switch name {
        case "auto": return .auto
        case "json": return .json
        case "logfmt": return .logfmt
        case "csv", "tsv":
            guard let columns = flags.columns.map(columnNames) else {
                throw UsageError("--unwrap '\(text)' needs the names of the values; add --columns NAME,NAME,...")
            }
            if name == "tsv" { return .tsv(columns: columns) }
            return .csv(columns: columns, separator: try flags.delimiter.map(separator) ?? UInt8(ascii: ","))
        default:
            throw UsageError("--unwrap '\(text)': unknown format '\(name)'; use json, logfmt, csv or tsv")
        }
    }
}
