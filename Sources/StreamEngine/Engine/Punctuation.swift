/// Writes the control lines of `--punctuate`: after `{"$watermark":{"window_end":"…"}}`, no row has a smaller value in
/// that time column.
///
/// The first control line has no bounds. It tells the reader to use control lines instead of its own watermark delay.
struct Punctuation {
    /// For each bound, the columns to which it applies; empty if `--select` omits them.
    private let names: [[String]]
    private var last: [Int64?]
    private(set) var nextDue = Int64.min
    private var hasAnnounced = false
    /// Bounds that do not advance in steps of windows advance in whole seconds.
    private static let step: Int64 = 1_000_000

    init(names: [[String]]) {
        self.names = names
        last = names.map { _ in nil }
    }

    mutating func announce(_ output: inout some ControlWriter & ~Copyable) throws(EngineError) {
        guard !hasAnnounced else { return }
        hasAnnounced = true
        try output.writeControl { $0.append("{\"$watermark\":{}}\n" as StaticString) }
    }

    /// Writes a control line if one of the bounds has changed.
    mutating func write(_ bounds: [Int64?], after watermark: Int64, _ output: inout some ControlWriter & ~Copyable)
        throws(EngineError)
    {
        noteNext(bounds, after: watermark)
        guard bounds != last else { return }
        last = bounds
        let names = names
        try output.writeControl { Self.line(names, bounds, &$0) }
    }

    /// The control lines up to this watermark were written by an earlier run.
    mutating func resume(at bounds: [Int64?], _ watermark: Int64) {
        hasAnnounced = true
        guard watermark > -Watermark.timeLimit else { return }
        noteNext(bounds, after: watermark)
        last = bounds
    }

    private mutating func noteNext(_ bounds: [Int64?], after watermark: Int64) {
        nextDue = saturatingAdd(watermark, 1)
        if let end = bounds.last ?? nil { nextDue = end > watermark ? end : saturatingAdd(watermark, Self.step) }
    }

    static func line(_ names: [[String]], _ bounds: [Int64?], _ buffer: inout ByteBuffer) {
        buffer.append("{\"$watermark\":{" as StaticString)
        var isFirst = true
        for (names, bound) in zip(names, bounds) {
            guard let bound else { continue }
            for name in names {
                if !isFirst { buffer.append(UInt8(ascii: ",")) }
                isFirst = false
                buffer.append(quotedName: name)
                buffer.append(UInt8(ascii: ":"))
                buffer.append(json: Value(time: bound))
            }
        }
        buffer.append("}}\n" as StaticString)
    }
}

extension Query {
    /// The columns to which the bound of a time column applies: the column itself or, with `--select`, the columns
    /// equal to it. Unchanged records do not contain source columns.
    package func boundedColumns(of column: FieldPath) -> [String] {
        guard let select else { return column.sourceColumn == nil ? [column.text] : [] }
        return select.filter { $0.expression.plainField == column }.map(\.name)
    }

    /// The columns to which the bounds of the time field apply if records pass through; empty without such a field.
    package var boundedTimeColumns: [[String]] {
        if case .field(let path, _) = time { [boundedColumns(of: path)] } else { [] }
    }

    /// The columns to which the bounds of window starts and ends apply.
    package var boundedWindowColumns: [[String]] {
        ["window_start", "window_end"].map { boundedColumns(of: FieldPath(name: Array($0.utf8))) }
    }
}
