@testable import StreamEngine

private let names: [FormatName] = [
    .json, .jsonStream, .logfmt, .csv, .tsv, .combined, .syslog, .docker, .cri, .journal, .lines, .auto,
]
/// Fields of each format, and some that none has.
private let fields =
    "a,b,host,time,path,status,extra,request_time,message,data,log,stream,line,MESSAGE,@line,@line_number"

/// The records of any bytes in any format are the same in whatever pieces they come.
func checkFormats(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    var plan = FormatPlan(input.pick(names))
    let options = input.byte()
    if plan.name == .csv || plan.name == .tsv, options & 1 != 0 { plan.columns = ["a", "b", "host"] }
    if [.logfmt, .combined, .syslog, .lines].contains(plan.name), options & 1 != 0 {
        plan.recordStart = try? Regex("^[0-9a]")
    }
    plan.rejectsShortRows = options & 2 != 0
    let maxLine = options & 4 != 0 ? 40 : 1000
    let piece = 1 + Int(input.byte() % 64)
    let text = input.rest()
    let whole = rows(text, plan, maxLine: maxLine, piece: 100_000)
    let pieces = rows(text, plan, maxLine: maxLine, piece: piece)
    expect(whole == pieces, "\(plan.name) of \(text) in pieces of \(piece): \(pieces) instead of \(whole)")
}

/// The rows of an input: the number of the line and the values of the fields; for a rejected record its status.
private func rows(_ input: [UInt8], _ plan: FormatPlan, maxLine: Int, piece: Int) -> [String] {
    var rows: [String] = []
    do {
        try readInPieces(input, plan, fields, maxLine: maxLine, piece: piece) { records, layout, _, lines in
            for row in 0..<records.count { rows.append(text(of: row, records: &records, layout, lines)) }
        }
        return rows
    } catch {
        return ["error: \(error)"]
    }
}

private func text(of row: Int, records: inout Records, _ layout: ColumnLayout, _ lines: Int) -> String {
    let status = records.places[row].status
    let number = lines + Int(records.places[row].line) + 1
    guard status == .accepted else { return "\(number): \(records.detail(of: status))" }
    let values = layout.selectColumns.map { column in
        let value = records.columns[column][row]
        let text = value.isText ? String(decoding: value.bytes, as: UTF8.self) : "\(value.bits)"
        return "\(value.kind) \(text)"
    }
    return "\(number): " + values.joined(separator: "|")
}
