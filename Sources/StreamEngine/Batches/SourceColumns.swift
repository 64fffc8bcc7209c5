/// The metadata that a source supplies with the records of a batch: values shared by all records, and values of each
/// record.
///
/// Without offsets, records are counted as lines of their input.
package struct SourceColumns: Sendable {
    /// A value shared by all records of the batch.
    package enum Shared: Sendable {
        case text(String)
        case integer(Int64)
    }

    /// The values of one column.
    enum Values {
        /// The source does not supply the column.
        case none
        case shared(Shared)
        case integers([Int64])
        /// Microseconds since 1970; `Int64.min` if the time is unknown.
        case times([Int64])
        case texts(TextValues)
        /// The bytes of the texts as hexadecimal digits.
        case bytes(TextValues)
        /// JSON texts.
        case documents(TextValues)
    }

    private var shared: [(column: SourceColumn, value: Shared)] = []
    /// The offset of each record in its partition; empty if records are lines.
    package private(set) var offsets: [Int64] = []
    /// The time at which each record was stored, in microseconds since 1970; `Int64.min` if unknown.
    private(set) var times: [Int64] = []
    /// The first of these times that is known.
    package var firstTime: Int64? { times.first { $0 != Int64.min } }
    private(set) var keys = TextValues()
    /// A JSON object for each record that has headers.
    private var headers = TextValues()
    /// Numbers of the records without a value, ascending. Such a record has no bytes at all, not even an empty text.
    private(set) var absent: [Int] = []
    /// The records that the source could not decode, ascending, and why. They have the bytes that it read.
    private(set) var undecoded: [(record: Int, defect: RecordDefect)] = []

    package init() {}

    /// Removes all values, but keeps the memory.
    mutating func removeAll() {
        shared.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        keys.removeAll()
        headers.removeAll()
        absent.removeAll(keepingCapacity: true)
        undecoded.removeAll(keepingCapacity: true)
    }

    /// Sets a column that has the same value for all records of the batch.
    package mutating func share(_ value: Shared, as column: SourceColumn) { shared.append((column, value)) }

    /// Notes that the next record is not decoded.
    mutating func markNext(_ defect: RecordDefect) { undecoded.append((offsets.count, defect)) }

    /// Adds the values of the next record.
    @inline(__always) mutating func append(
        offset: Int64, time: Int64, key: UnsafeRawBufferPointer?, headers: UnsafeRawBufferPointer?, hasValue: Bool
    ) {
        if !hasValue { absent.append(offsets.count) }
        if let key { keys.append(key, of: offsets.count) }
        if let headers { self.headers.append(headers, of: offsets.count) }
        offsets.append(offset)
        times.append(time)
    }

    /// The time at which a record was stored; `Int64.min` if unknown.
    func time(of record: Int) -> Int64 { times.indices.contains(record) ? times[record] : Int64.min }

    /// The values of a column.
    func values(of column: SourceColumn) -> Values {
        switch column {
        case .offset where !offsets.isEmpty: .integers(offsets)
        case .time where !times.isEmpty: .times(times)
        case .key where !keys.isEmpty: .texts(keys)
        case .keyHex where !keys.isEmpty: .bytes(keys)
        case .headers where !headers.isEmpty: .documents(headers)
        default: shared.first { $0.column == column }.map { .shared($0.value) } ?? .none
        }
    }
}

/// The concatenated texts of records; a record may have none.
struct TextValues: Sendable {
    /// The end of the text of each record, or its bitwise complement for a record without a text.
    private var ends: [Int] = []
    private var bytes: [UInt8] = []

    var isEmpty: Bool { ends.isEmpty }

    mutating func removeAll() {
        ends.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Adds the text of a record. The records since the last one with a text have no text.
    mutating func append(_ text: UnsafeRawBufferPointer, of record: Int) {
        while ends.count < record { ends.append(~bytes.count) }
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
    }

    /// The range of a record's text in `withBytes`; nil if it has none.
    func range(of record: Int) -> Range<Int>? {
        guard ends.indices.contains(record), ends[record] >= 0 else { return nil }
        guard record > 0 else { return 0..<ends[record] }
        let start = ends[record - 1]
        return (start < 0 ? ~start : start)..<ends[record]
    }

    /// Calls `body` with the concatenated texts of all records.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { bytes.withUnsafeBytes(body) }
}
