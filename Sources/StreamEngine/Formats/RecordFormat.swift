/// Converts the records of a batch to columns, one for each wanted field.
///
/// A format is a non-generic struct whose `read` contains the loop over the records, so that no call in the loop is
/// dynamic. `read` itself is called dynamically, once per batch. Each worker has its own format.
package protocol RecordFormat: ~Copyable, SendableMetatype {
    /// How to print the bytes of its accepted records.
    static var content: RecordContent { get }
    /// Whether a valid record is complete even without the end of its line, like an object with its closing brace. In
    /// other formats, a truncated line may look complete.
    static var isSelfDelimiting: Bool { get }
    /// The possible defects of a record, for messages and the rejects file. `RecordStatus.malformed` holds an index.
    static var defects: [StaticString] { get }
    /// Describes the first defect of a rejected record, for messages. May be slow; nil if there is nothing to add to the
    /// entry of `defects`.
    static func defect(in record: UnsafeRawBufferPointer) -> RecordDefect?

    /// Reads all records of the batch: calls `records.begin`, adds a row for each record that is not blank, and calls
    /// `records.end`.
    ///
    /// The row of a rejected record has no values. `batch.framing` determines where records end.
    mutating func read(_ batch: inout Batch, into records: inout Records)
}

extension RecordFormat where Self: ~Copyable {
    package static func defect(in record: UnsafeRawBufferPointer) -> RecordDefect? { nil }
}

/// A format of records that workers can create.
///
/// To add a format, add a file with a struct that conforms to `RecordFormat`, and add a line here.
package struct InputFormat: Sendable {
    /// The name for users.
    package let name: String
    let content: RecordContent
    let isSelfDelimiting: Bool
    let defects: [StaticString]
    let findDefect: @Sendable (UnsafeRawBufferPointer) -> RecordDefect?
    let make: @Sendable (_ fields: [FieldPath], _ maxLine: Int) -> any RecordFormat & ~Copyable

    /// - Parameter make: creates a format for records of up to `maxLine` bytes with these fields, one column each,
    ///   starting at column 0. The last field is the `$watermark` member of control lines; its column stays `missing`
    ///   if the format has none.
    init<Format: RecordFormat & ~Copyable>(
        _ name: String, _ make: @escaping @Sendable (_ fields: [FieldPath], _ maxLine: Int) -> Format
    ) {
        self.name = name
        content = Format.content
        isSelfDelimiting = Format.isSelfDelimiting
        defects = Format.defects
        findDefect = { Format.defect(in: $0) }
        self.make = { make($0, $1) }
    }

    package static let json = InputFormat("json") { JSONFormat(fields: $0, maxLine: $1) }

    package static let all = [json]
}
