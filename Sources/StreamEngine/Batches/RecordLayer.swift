/// The records of a level that contain those of the next one, and the bytes of the latter.
///
/// It belongs to the columns that borrow from it, and lives as long as they do.
final class RecordLayer {
    /// The outer records; not used for texts that are unwrapped, whose outer records are the columns themselves.
    var records: Records
    /// The inner records, as they are inside of the outer ones.
    var batch = Batch()
    /// For each inner record, the row of the outer one.
    private(set) var parents: [Int] = []
    /// For each inner record, why it is rejected, whatever it says.
    private(set) var statuses: [RecordStatus] = []

    init(columnCount: Int) { records = Records(columnCount: columnCount) }

    func removeAll() {
        batch.removeAll()
        parents.removeAll(keepingCapacity: true)
        statuses.removeAll(keepingCapacity: true)
    }

    /// Adds an inner record.
    ///
    /// - Parameter status: `accepted` if its text decides.
    func append(_ text: UnsafeRawBufferPointer, of row: Int, _ status: RecordStatus = .accepted) {
        batch.append(record: text)
        parents.append(row)
        statuses.append(status)
    }
}
