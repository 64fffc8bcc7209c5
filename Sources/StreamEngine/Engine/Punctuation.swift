/// Control lines of `--punctuate`: `{"$watermark":{"window_end":"…"}}` says below which bound no value of a time column
/// will come any more.
///
/// The first line names no bound; it announces that more will follow, so that the reader drops its own delay.
struct Punctuation {
    /// For every bound the columns that it holds for: none where `--select` leaves its column out.
    private let names: [[String]]
    private var last: [Int64?]
    private(set) var nextDue = Int64.min
    private var hasAnnounced = false
    /// Times are told in steps of a second where the columns have no steps of their own.
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

    /// Writes the bounds if one of them has grown.
    mutating func write(_ bounds: [Int64?], after watermark: Int64, _ output: inout some ControlWriter & ~Copyable)
        throws(EngineError)
    {
        nextDue = saturatingAdd(watermark, 1)
        if let end = bounds.last ?? nil { nextDue = end > watermark ? end : saturatingAdd(watermark, Self.step) }
        guard bounds != last else { return }
        last = bounds
        let names = names
        try output.writeControl { Self.line(names, bounds, &$0) }
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
    /// The columns that a bound of the time column holds for: itself, or under `--select` those that are nothing but it.
    /// Records as they came have no column of metadata.
    package func boundedColumns(of column: FieldPath) -> [String] {
        guard let select else { return column.metadata == nil ? [column.text] : [] }
        return select.filter { $0.expression.plainField == column }.map(\.name)
    }

    /// The columns that bounds of a pass-through's time field hold for; empty without such a field.
    package var boundedTimeColumns: [[String]] {
        if case .field(let path, _) = time { [boundedColumns(of: path)] } else { [] }
    }

    /// The same for the start and end of windows.
    package var boundedWindowColumns: [[String]] {
        ["window_start", "window_end"].map { boundedColumns(of: FieldPath(name: Array($0.utf8))) }
    }
}
