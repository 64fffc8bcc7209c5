/// Rows as Postgres's COPY reads them in its text format: tab between columns, `\N` for null, a backslash before what
/// would be misread, a newline behind each row. The columns of the key come first.
///
/// What the type of a column would not take is found here, so that one bad row does not cost a whole transaction.
struct CopyEncoder: ~Copyable {
    private let table: any RowTable
    private let names: [String]
    private let columns: [Int]
    /// Known with the first rows.
    private var targets: [CopyColumn] = []
    private var rowEncoder: RowEncoder
    private var refused = ByteBuffer()
    private let one: UnsafeMutablePointer<Bool>

    /// Bytes of a key that fit into a page of an index for certain.
    private static let longestKey = 2600

    /// - Parameter columns: for every name the column that holds its values.
    init(_ table: any RowTable, names: [String], columns: [Int]) {
        self.table = table
        self.names = names
        self.columns = columns
        rowEncoder = RowEncoder(.json, names: names, columns: columns)
        one = .allocate(capacity: 1)
        one.initialize(to: true)
    }

    deinit { one.deallocate() }

    /// Appends the rows that are to be kept; refuses those that do not fit.
    mutating func encode(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, into buffer: inout ByteBuffer
    ) throws(SinkError) {
        if targets.isEmpty {
            let contents = columns.map { ColumnContent(of: values[$0], rows: rows, keep: keep) }
            targets = try table.columns(for: contents)
        }
        for row in rows where keep[row] {
            let start = buffer.count
            if let (target, misfit) = append(values, row, &buffer) {
                buffer.truncate(to: start)
                try refuse(values, row, "\(target): \(misfit)")
            }
        }
    }

    /// Appends one row; the column that cannot take its value and why, where there is one.
    private func append(
        _ values: borrowing ColumnSet, _ row: Int, _ buffer: inout ByteBuffer
    ) -> (column: String, Misfit)? {
        let start = buffer.count
        for number in 0..<targets.count {
            if number > 0 { buffer.append(UInt8(ascii: "\t")) }
            let value = values[columns[targets[number].source]][row]
            if let misfit = buffer.append(copy: value, to: targets[number]) { return (targets[number].name, misfit) }
            if targets[number].isKey, buffer.count &- start > Self.longestKey {
                return (targets[number].name, .longKey)
            }
        }
        buffer.append(UInt8(ascii: "\n"))
        return nil
    }

    private mutating func refuse(
        _ values: borrowing ColumnSet, _ row: Int, _ reason: String
    ) throws(SinkError) {
        refused.removeAll()
        rowEncoder.encode(values, rows: row..<(row + 1), keep: one - row, into: &refused)
        // Without the newline.
        try table.refuse(UnsafeRawBufferPointer(rebasing: refused.bytes.dropLast()), reason: reason)
    }
}

extension ColumnContent {
    /// What the values of a column are, the first rows taken for all.
    init(of values: UnsafePointer<Value>, rows: Range<Int>, keep: UnsafePointer<Bool>) {
        var content = ColumnContent.unknown
        for row in rows where keep[row] {
            let next: ColumnContent
            switch values[row].kind {
            case .missing, .null: continue
            case .false, .true: next = .boolean
            case .integer, .digits: next = .integer
            case .double: next = .double
            case .time: next = .time
            case .string: next = .text
            case .json: next = .json
            }
            if content == .unknown || content == next {
                content = next
            } else if content == .integer && next == .double || content == .double && next == .integer {
                content = .double
            } else {
                content = .mixed
            }
        }
        self = content
    }
}
