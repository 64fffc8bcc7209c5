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
func fieldNamesAtStart(of paths: [String]) -> [String] {
    fieldsAtStart(of: Array(paths.prefix(1)), most: 1).filter { $0.depth == 1 }.map(\.path)
}

private func fieldsAtStart(of inputs: [String], most: Int = 1000) -> [FieldProfile] {
    let survey = FieldSurvey(most: most)
    for input in inputs {
        var batch = Batch()
        var format = InputFormat.json
        if let demo = try? DemoURL(input) {
            var source = DemoSource(demo.options)
            _ = try? source.read(into: &batch, deadline: nil)
        } else if regularFileSize(input) != nil, let file = try? FileDescriptor.openForReading(input) {
            batch.startsInput = true
            readStart(file, into: &batch)
            format = InputHead.format(of: input, FormatPlan(), mayWait: false) ?? .json
        }
        guard batch.count > 0 else { continue }
        survey.take(&batch, as: format)
        if survey.recordCount > 0 { break }
    }
    return survey.fields
}

/// Reads 64 KiB; of the last line only if it is whole.
private func readStart(_ file: borrowing FileDescriptor, into batch: inout Batch) {
    let most = 64 << 10
    while batch.count < most {
        let room = UnsafeMutableRawBufferPointer(rebasing: batch.room().prefix(most - batch.count))
        guard let count = try? file.read(into: room), count > 0 else { return }
        batch.advance(count)
    }
    let bytes = batch.bytes
    if let end = bytes.lastIndex(of: UInt8(ascii: "\n")) { batch.truncate(to: end + 1) }
}
