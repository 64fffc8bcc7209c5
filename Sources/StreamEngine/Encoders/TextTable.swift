/// An aligned table for human readers: text on the left, numbers on the right.
///
/// A column is as wide as its widest value so far. When a wider value comes, the header is printed again for the new
/// widths, so that rows are always aligned with their header. The first rows are encoded together, and how many those are
/// depends on how the input arrives: so do widths, alignment and further headers, but never the values.
struct TextTable: ~Copyable {
    private let names: [String]
    private var widths: [Int]
    private var isNumber: [Bool] = []
    private var wroteHeader = false
    private var cells = ByteBuffer()
    private var ends: [Int] = []
    private let decimals: FixedDecimals?
    private let isForTerminal: Bool

    init(names: [String], _ decimals: FixedDecimals? = nil, isForTerminal: Bool = false) {
        self.names = names
        self.decimals = decimals
        self.isForTerminal = isForTerminal
        widths = names.map { $0.unicodeScalars.count }
    }

    mutating func encode(
        _ values: borrowing ColumnSet, columns: [Int], rows: Range<Int>, keep: UnsafePointer<Bool>,
        into buffer: inout ByteBuffer
    ) {
        cells.removeAll()
        ends.removeAll(keepingCapacity: true)
        let firstRows = !wroteHeader
        if firstRows { isNumber = columns.map { _ in true } }
        var hasGrown = false
        for row in rows where keep[row] {
            for (number, column) in columns.enumerated() {
                let value = values.asRead(values[column][row])
                let start = cells.count
                write(value, number)
                ends.append(cells.count)
                let width = cells.withBytes { Self.width($0[start...]) }
                // The last column of text needs no width.
                if width > widths[number] {
                    // Some room, so that not every row widens the column again.
                    widths[number] = firstRows ? width : width + 2
                    if isNumber[number] || number + 1 < columns.count { hasGrown = true }
                }
                if firstRows, !value.isNumber, !value.isNull { isNumber[number] = false }
            }
        }
        guard !ends.isEmpty else { return }
        if firstRows || hasGrown { header(&buffer) }
        var start = 0
        for (index, end) in ends.enumerated() {
            let number = index % columns.count
            cells.withBytes { put(UnsafeRawBufferPointer(rebasing: $0[start..<end]), number, &buffer) }
            start = end
        }
    }

    private mutating func header(_ buffer: inout ByteBuffer) {
        // A blank line before the header of later rows.
        if wroteHeader { buffer.append(UInt8(ascii: "\n")) }
        wroteHeader = true
        for (number, name) in names.enumerated() {
            var name = name
            name.withUTF8 { put(UnsafeRawBufferPointer($0), number, &buffer) }
        }
    }

    /// Appends one cell, padded to its width; the last cell of a row ends the line.
    private func put(_ text: UnsafeRawBufferPointer, _ number: Int, _ buffer: inout ByteBuffer) {
        let isLast = number + 1 == widths.count
        let blanks = max(0, widths[number] - Self.width(text[0...]))
        if isNumber[number] { for _ in 0..<blanks { buffer.append(UInt8(ascii: " ")) } }
        buffer.append(text)
        if isLast {
            buffer.append(UInt8(ascii: "\n"))
        } else {
            for _ in 0..<((isNumber[number] ? 0 : blanks) + 2) { buffer.append(UInt8(ascii: " ")) }
        }
    }

    /// Control characters are escaped, so that no value can control the terminal; for a terminal, invisible ones too.
    private mutating func write(_ value: Value, _ column: Int) {
        switch value.kind {
        case .missing, .null: break
        case .time: cells.append(time: value.integer)
        case .string, .json: cells.append(printable: value.bytes, invisible: isForTerminal)
        default:
            if let decimals { decimals.append(value, column: column, to: &cells) } else { cells.append(json: value) }
        }
    }

    /// The number of characters, each taken as one column wide.
    private static func width(_ text: Slice<UnsafeRawBufferPointer>) -> Int {
        text.reduce(0) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) }
    }
}
