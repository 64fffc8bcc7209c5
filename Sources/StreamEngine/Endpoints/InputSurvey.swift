/// What records have shown about the input: which of the wanted fields exist, and the first records themselves. Used for
/// messages only.
///
/// Costs next to nothing per batch: a field is no longer looked for once it was found, and the sample is small.
package struct InputSurvey: Sendable {
    /// The wanted fields that no record had so far, by their columns.
    private var unfound: [Int]
    private let fields: [FieldPath]
    /// The first accepted records.
    package private(set) var sample: [[UInt8]] = []
    private var sampleSize = 0
    private var isSampling = true
    /// The first bytes of the first input whose first record was rejected, or of the first message that was.
    package private(set) var unreadableHead: [UInt8]?
    /// Whether the current batch, the first one of its input, has no record that can be read.
    package private(set) var isUnreadable = false
    /// The number of records of that batch.
    package private(set) var recordsOfHead = 0
    /// The first event time, microseconds since 1970.
    package internal(set) var firstTime: Int64?

    private static let sampleLimit = 16 << 10
    private static let sampleRecords = 100
    private static let headLimit = 4 << 10

    init(_ fields: ArraySlice<FieldPath>) {
        self.fields = Array(fields)
        unfound = Array(fields.indices)
    }

    /// The wanted fields that no record had so far.
    package var unfoundFields: [FieldPath] { unfound.map { fields[$0] } }

    /// Takes note of a batch.
    ///
    /// - Parameter areMessages: its records are no lines, but the messages of a topic.
    mutating func note(_ records: borrowing Records, startsInput: Bool, areMessages: Bool) {
        isUnreadable = false
        if areMessages, unreadableHead == nil, records.unusualRows > 0 { noteMessage(records) }
        if startsInput, records.count > 0 { noteHead(records) }
        if !unfound.isEmpty { unfound.removeAll { records.hasValues(inColumn: $0) } }
        if isSampling { takeSample(records) }
    }

    @inline(never) private mutating func noteHead(_ records: borrowing Records) {
        guard records.isUnreadable(0) else { return }
        recordsOfHead = records.count
        isUnreadable = (0..<records.count).allSatisfy { records.isUnreadable($0) }
        if unreadableHead == nil { unreadableHead = Array(records.batchBytes.prefix(Self.headLimit)) }
    }

    @inline(never) private mutating func noteMessage(_ records: borrowing Records) {
        for row in 0..<records.count where records.isUnreadable(row) && !records.isUndecoded(row) {
            unreadableHead = Array(records.text(of: row).prefix(Self.headLimit))
            return
        }
    }

    @inline(never) private mutating func takeSample(_ records: borrowing Records) {
        var rows: [Int] = []
        for row in 0..<records.count where records.isReadable(row) {
            rows.append(row)
            if rows.count > Self.sampleRecords { break }
        }
        for case let text? in records.objects(of: rows) {
            if !sample.isEmpty, sampleSize + text.count > Self.sampleLimit || sample.count == Self.sampleRecords {
                isSampling = false
                return
            }
            sample.append(text)
            sampleSize += text.count
        }
    }
}
