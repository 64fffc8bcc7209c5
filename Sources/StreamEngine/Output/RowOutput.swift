/// Takes encoded rows; written by whoever owns the sink.
package protocol RowWriter: AnyObject {
    func write(_ rows: UnsafeRawBufferPointer) throws(SinkError)
    func flush() throws(SinkError)
}

/// Rows on their way out: encoded into a buffer that is handed on in large pieces.
struct RowOutput: ControlWriter, ~Copyable {
    private static let size = 256 * 1024

    private var encoder: RowEncoder
    private var buffer = ByteBuffer(capacity: RowOutput.size + 64 * 1024)
    private let writer: any RowWriter
    private var hasUnflushed = false

    init(_ encoder: consuming RowEncoder, _ writer: any RowWriter) {
        self.encoder = encoder
        self.writer = writer
    }

    mutating func write(
        _ columns: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>
    ) throws(EngineError) {
        encoder.encode(columns, rows: rows, keep: keep, into: &buffer)
        try spill()
    }

    /// Writes bytes as they are: a record that passes through.
    mutating func write(line: UnsafeRawBufferPointer) throws(EngineError) {
        buffer.append(line)
        buffer.append(UInt8(ascii: "\n"))
        try spill()
    }

    mutating func writeControl(_ body: (inout ByteBuffer) -> Void) throws(EngineError) {
        body(&buffer)
        try spill()
    }

    @inline(__always) private mutating func spill() throws(EngineError) {
        if buffer.count >= Self.size { try drain() }
    }

    private mutating func drain() throws(EngineError) {
        guard buffer.count > 0 else { return }
        hasUnflushed = true
        do throws(SinkError) { try writer.write(buffer.bytes) } catch { throw .sink(error) }
        buffer.removeAll()
    }

    mutating func flush() throws(EngineError) {
        try drain()
        guard hasUnflushed else { return }
        hasUnflushed = false
        do throws(SinkError) { try writer.flush() } catch { throw .sink(error) }
    }

    mutating func finish() throws(EngineError) {
        encoder.finish(into: &buffer)
        try flush()
    }
}
