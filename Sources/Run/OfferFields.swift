import Files
import Plan
import StreamEngine
import System

/// What a shell can offer where fields are written: the fields in the first 64 KiB of the first input on the line that
/// is a regular file or the built-in source, and the functions that are allowed there.
package func offerFields(_ offer: Offer) -> String {
    let fields = fieldsAtStart(of: offer.inputs).filter { $0.count(.object) == 0 }
    switch offer.kind {
    case .time:
        let times = fields.filter(\.isTime)
        return offer.lines((times.isEmpty ? fields : times).map(\.path) + ["@arrival", "@kafka_time"])
    case .expression:
        return offer.lines(fields.map { inExpression($0.path) } + ExpressionFunction.allCases.map { "\($0.rawValue)(" })
    case .aggregates:
        // Inside of a call there are fields and functions, before it aggregates.
        let isInside = offer.beginning.count { $0 == "(" } > offer.beginning.count { $0 == ")" }
        let functions =
            isInside ? ExpressionFunction.allCases.map(\.rawValue) : AggregateFunction.all.map(\.name)
        return offer.lines((isInside ? fields.map { inExpression($0.path) } : []) + functions.map { "\($0)(" })
    case .fields: return offer.lines(fields.map(\.path))
    case .zones, .topics: return ""
    }
}

/// A hyphen in a name is a minus in an expression.
private func inExpression(_ path: String) -> String {
    path.split(separator: ".", omittingEmptySubsequences: false).map { part in
        part.contains("-") && !part.hasPrefix("\"") ? "\"\(part)\"" : String(part)
    }.joined(separator: ".")
}

/// The names of the fields in the first records of a file, without those inside of objects.
func fieldNamesAtStart(of paths: [String], _ plan: FormatPlan, decompresses: Bool) -> [String] {
    let fields = fieldsAtStart(of: Array(paths.prefix(1)), plan, decompresses: decompresses, most: 1)
    return fields.filter { $0.depth == 1 }.map(\.path)
}

/// What the first records of a regular file show: the fields that hold times, or what it is if no format reads it.
package func inputHint(_ path: String, _ plan: FormatPlan, decompresses: Bool) -> InputHint? {
    let fields = fieldsAtStart(of: [path], plan, decompresses: decompresses)
    guard !fields.isEmpty else {
        let head = InputHead.bytes(of: path, decompresses: decompresses)
        return plan.name == .auto ? ForeignContent(head).map { .foreign($0.message(path, head)) } : nil
    }
    let times = fields.filter(\.isTime)
    // Numbers that could be times may be anything else.
    let texts = times.filter { $0.count(.string) > 0 }
    let found = (texts.isEmpty ? times : texts).prefix(3).map { Shell.quoted($0.path) }
    return found.isEmpty ? nil : .times(found)
}

private func fieldsAtStart(
    of inputs: [String], _ plan: FormatPlan = FormatPlan(), decompresses: Bool = true, most: Int = 1000
) -> [FieldProfile] {
    let survey = FieldSurvey(most: most)
    for input in inputs {
        var batch = Batch()
        var format = InputFormat.json
        if let demo = try? DemoURL(input) {
            var source = DemoSource(demo.options)
            _ = try? source.read(into: &batch, deadline: nil)
        } else {
            let head = InputHead.bytes(of: input, decompresses: decompresses)
            format = (try? FormatChoice(plan).format(head, path: input, isWhole: true)) ?? .json
            batch.startsInput = true
            // Of the last line only if it is whole.
            let end = head.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? head.count
            head[..<end].withUnsafeBytes { batch.append($0) }
        }
        guard batch.count > 0 else { continue }
        survey.take(&batch, as: format)
        if survey.recordCount > 0 { break }
    }
    return survey.fields
}
