/// The content of one commit: rows, rejected records, and the checkpoint.
///
/// `@unchecked` because the engine's worker fills it before the committing thread uses it.
package final class Committable: @unchecked Sendable {
    package var rows = EncodedRows()
    package var rejects = ByteBuffer()
    /// The number of bytes of the rows up to the committed position of the checkpoint; nil if it precedes the rows.
    package var boundary: Int?
    /// The checkpoint of the job; nil without a job.
    package var checkpoint: Checkpoint?
    /// The positions to commit to the consumer group; nil without a consumer group.
    package var reached: Checkpoint?
    /// When the oldest batch was read that has printed any of the rows, microseconds since 1970; nil without rows.
    package var oldestArrival: Int64?
    /// Whether this is the last commit of the run.
    package var isLast = false
    /// Whether this has no content and only shows that the run is alive.
    package let isHeartbeat: Bool

    package init(isHeartbeat: Bool = false) { self.isHeartbeat = isHeartbeat }

    package var isEmpty: Bool { rows.byteCount == 0 && rejects.count == 0 }

    package func removeAll() {
        rows.removeAll()
        rejects.removeAll()
        boundary = nil
        checkpoint = nil
        reached = nil
        oldestArrival = nil
        isLast = false
    }
}

/// Makes rows durable, together with a checkpoint. Called by one thread at a time.
package protocol Committer: AnyObject, Sendable {
    /// Creates the encoder of the rows.
    ///
    /// - Parameter table: used by the encoder of a database to request the columns of the table while the connection is
    ///   free, and to pass on the rows that do not fit.
    func makeEncoder(_ schema: RowSchema, for table: any RowTable) -> any RowEncoder
    /// The columns of the table, if the committer writes to one.
    func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn]
    /// Commits and returns once all content is durable.
    ///
    /// - Parameter rejects: the rejects file of the run, which also receives refused rows.
    func commit(_ committable: Committable, _ rejects: (any RejectsWriter)?) throws(RunError)
    func close()
    /// The rows that were refused after they had been sent. Called by the committing thread, as `reconnects`.
    var refusals: RefusedRows { get }
    /// How often a lost connection was made again.
    var reconnects: Int { get }
}

extension Committer {
    package var reconnects: Int { 0 }
    package func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn] { [] }
}

/// Writes rows as they arrive, without a checkpoint.
package protocol RowSink: AnyObject {
    /// The descriptor of standard output, whose reader may exit; -1 for any other output.
    var watchedDescriptor: Int32 { get }
    /// Whether to call it regularly even if no records arrive.
    var needsTicks: Bool { get }
    /// Creates the encoder of the rows.
    func makeEncoder(_ schema: RowSchema) -> any RowEncoder
    func write(_ rows: borrowing EncodedRows) throws(RunError)
    /// Sends buffered rows without waiting for their delivery.
    func flush() throws(RunError)
    /// Returns once all written rows have been delivered.
    func awaitDelivery() throws(RunError)
    /// Sends all buffered rows before it returns.
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
    /// Tells this file from other rejects files in checkpoints; 0 if nothing can be taken back from it.
    var mark: Int64 { get }
    /// Whether the stored checkpoint of the job says how much of this file belongs to it. Otherwise, the first commit
    /// must say so before anything is written.
    var isRecorded: Bool { get }
    func write(_ lines: UnsafeRawBufferPointer) throws(RunError)
    func flush() throws(RunError)
    func synchronize() throws(RunError)
    func close() throws(RunError)
}

extension RejectsWriter {
    package var mark: Int64 { 0 }
    package var isRecorded: Bool { true }

    package func write(_ row: RefusedRow) throws(RunError) {
        var line = ByteBuffer()
        row.json.withUnsafeBytes { line.append(refused: $0, reason: row.reason) }
        try line.withBytes { bytes throws(RunError) in try write(bytes) }
    }
}

/// A row that an output has refused.
package struct RefusedRow: Sendable {
    /// A JSON object.
    package var json: [UInt8]
    package var reason: String

    package init(json: [UInt8], reason: String) {
        self.json = json
        self.reason = reason
    }
}

/// The number of refused rows, and the reason for the first refusal.
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
    /// Appends a line of the rejects file for a refused row.
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
