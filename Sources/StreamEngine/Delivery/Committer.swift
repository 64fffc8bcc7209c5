/// What is committed together: rows, rejected records, and how far the run had come.
///
/// Unchecked: filled by the worker that serves the engine, then used by the thread that commits.
package final class Committable: @unchecked Sendable {
    package var rows = EncodedRows()
    package var rejects = ByteBuffer()
    /// Bytes of the rows up to the committed position of the checkpoint; nil when that comes before them.
    package var boundary: Int?
    /// nil without a job.
    package var checkpoint: Checkpoint?
    /// Positions for the group of the topics that are read; nil when there is none.
    package var reached: Checkpoint?
    /// The last commit of the run.
    package var isLast = false
    /// Holds nothing: it only shows that the run is alive.
    package let isHeartbeat: Bool

    package init(isHeartbeat: Bool = false) { self.isHeartbeat = isHeartbeat }

    package var isEmpty: Bool { rows.byteCount == 0 && rejects.count == 0 }

    package func removeAll() {
        rows.removeAll()
        rejects.removeAll()
        boundary = nil
        checkpoint = nil
        reached = nil
        isLast = false
    }
}

/// Makes rows durable, together with a checkpoint. Called by one thread at a time.
package protocol Committer: AnyObject, Sendable {
    /// Makes the encoder of the rows.
    ///
    /// - Parameter table: for the encoder of a database: it asks the committer for its columns when the connection is
    ///   free, and keeps the rows that do not fit.
    func makeEncoder(_ schema: RowSchema, for table: any RowTable) -> any RowEncoder
    /// The columns of the table, of a committer that writes to one.
    func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn]
    /// When it returns, everything is durable.
    ///
    /// - Parameter rejects: the rejects file of the run, to which refused rows go as well.
    func commit(_ committable: Committable, _ rejects: (any RejectsWriter)?) throws(RunError)
    func close()
    /// Rows that were refused after they had been sent.
    var refusals: RefusedRows { get }
}

extension Committer {
    package func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn] { [] }
}

/// Takes rows as they come and remembers nothing.
package protocol RowSink: AnyObject {
    /// Standard output, whose reader may go away; -1 for anything else.
    var watchedDescriptor: Int32 { get }
    /// It has something to do even when no records come.
    var needsTicks: Bool { get }
    /// Makes the encoder of the rows.
    func makeEncoder(_ schema: RowSchema) -> any RowEncoder
    func write(_ rows: borrowing EncodedRows) throws(RunError)
    /// Sends what waits, without waiting for it to arrive.
    func flush() throws(RunError)
    /// Returns when everything that was written has arrived.
    func awaitDelivery() throws(RunError)
    /// Everything is on its way when this returns.
    func close() throws(RunError)
    /// Rows that were refused since the last call.
    func takeRefused() -> [RefusedRow]
}

extension RowSink {
    package var watchedDescriptor: Int32 { -1 }
    package var needsTicks: Bool { false }
    package func takeRefused() -> [RefusedRow] { [] }
}

/// The rejects file of a run.
package protocol RejectsWriter: AnyObject {
    /// Bytes of the file.
    var length: Int { get }
    func write(_ lines: UnsafeRawBufferPointer) throws(RunError)
    func flush() throws(RunError)
    func synchronize() throws(RunError)
    func close() throws(RunError)
}

extension RejectsWriter {
    package func write(_ row: RefusedRow) throws(RunError) {
        var line = ByteBuffer()
        row.json.withUnsafeBytes { line.append(refused: $0, reason: row.reason) }
        try line.withBytes { bytes throws(RunError) in try write(bytes) }
    }
}

/// A row that an output does not take.
package struct RefusedRow: Sendable {
    /// A JSON object.
    package var json: [UInt8]
    package var reason: String

    package init(json: [UInt8], reason: String) {
        self.json = json
        self.reason = reason
    }
}

/// How many rows were refused, and why the first one was.
package struct RefusedRows: Sendable {
    package var count = 0
    package var first = ""

    package init() {}

    package mutating func add(_ reason: String) {
        if count == 0 { first = reason }
        count += 1
    }
}

extension ByteBuffer {
    /// A line of the rejects file for a row that was refused.
    ///
    /// - Parameter row: the row as a JSON object.
    package mutating func append(refused row: UnsafeRawBufferPointer, reason: String) {
        append("{\"reason\":\"refused\",\"detail\":" as StaticString)
        append(quotedName: reason)
        append(",\"row\":" as StaticString)
        append(row)
        append("}\n" as StaticString)
    }
}
