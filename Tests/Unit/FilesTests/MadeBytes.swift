import System

@testable import Files
@testable import StreamEngine

/// Bytes that are not those of a descriptor: as from a decompressor, in pieces, and now and then there is nothing yet.
struct MadeBytes: ByteStream, ~Copyable {
    let bytes: [UInt8]
    let piece: Int
    private var position = 0
    private var isReady = true

    init(_ bytes: [UInt8], piece: Int) {
        self.bytes = bytes
        self.piece = piece
    }

    var waitsFor: Int32? { nil }
    var size: Int? { nil }

    mutating func read(into room: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? {
        isReady.toggle()
        guard isReady else { return nil }
        let next = bytes[position...].prefix(min(piece, room.count))
        room.copyBytes(from: next)
        position += next.count
        return next.count
    }

    mutating func skip(to position: Int) { self.position = position }
}

/// Reads an input that comes in pieces, as a worker does.
///
/// - Parameters:
///   - fields: what to read of each record, as `--select` has it.
///   - take: called with the columns of each batch, the batch, and the number of lines before it.
func readInPieces(
    _ input: [UInt8], _ plan: FormatPlan, _ fields: String, maxLine: Int, piece: Int,
    _ take: (inout Records, ColumnLayout, borrowing Batch, _ linesBefore: Int) throws -> Void
) throws {
    var query = Query()
    query.select = try Expression.parseSelection(fields)
    query.maxLine = maxLine
    let layout = ColumnLayout(query)
    var stage = try ScanStage(query, layout)
    var records = Records(columnCount: layout.columnCount)
    var stream = MadeBytes(input, piece: piece)
    var reader = LineReader(maxLine: maxLine, choice: FormatChoice(plan), block: piece)
    var batch = Batch(capacity: 8)
    var lines = 0
    reader.start(input: 0)
    reader.begin(&batch)
    while true {
        switch try reader.read(from: &stream, into: &batch) {
        case .lines:
            batch.linesBefore = lines
            stage.run(&batch, as: reader.format, into: &records)
            try take(&records, layout, batch, lines)
            lines += records.lineCount
            reader.begin(&batch)
        case .incomplete: continue
        case .end: return
        }
    }
}
