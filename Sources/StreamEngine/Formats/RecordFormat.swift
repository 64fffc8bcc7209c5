/// Turns the records of a batch into columns of the wanted fields.
///
/// A format is a struct that is not generic, with the loop over the records in `read`: then nothing in the loop is called
/// dynamically, and `read` itself is called so once a batch. Each worker has a format of its own.
package protocol RecordFormat: ~Copyable, SendableMetatype {
    /// What the bytes of its accepted records are.
    static var content: RecordContent { get }
    /// A valid record is known to be whole without the end of its line, as the brace of an object shows. In other
    /// formats the rest of a line may be missing and nothing shows it.
    static var isSelfDelimiting: Bool { get }
    /// What can be wrong with a record, for messages and the rejects file; numbered by `RecordStatus.malformed`.
    static var defects: [StaticString] { get }

    /// Reads all records of the batch: `records.begin`, a row for each record that is not blank, `records.end`.
    ///
    /// A row of a record that is rejected has no values. Records are cut as `batch.framing` says.
    mutating func read(_ batch: inout Batch, into records: inout Records)
}

/// A format of records, and how a worker gets one.
///
/// To add a format: a file with a struct that conforms to `RecordFormat`, and a line here.
package struct InputFormat: Sendable {
    /// What users call it.
    package let name: String
    let content: RecordContent
    let isSelfDelimiting: Bool
    let defects: [StaticString]
    let make: @Sendable (_ fields: [FieldPath], _ maxLine: Int) -> any RecordFormat & ~Copyable

    /// - Parameter make: the format for these fields, one column each from column 0 on, of which the last is the
    ///   `$watermark` member of control lines and stays missing where there are none; and for records of up to `maxLine`
    ///   bytes.
    init<Format: RecordFormat & ~Copyable>(
        _ name: String, _ make: @escaping @Sendable (_ fields: [FieldPath], _ maxLine: Int) -> Format
    ) {
        self.name = name
        content = Format.content
        isSelfDelimiting = Format.isSelfDelimiting
        defects = Format.defects
        self.make = { make($0, $1) }
    }

    package static let json = InputFormat("json") { JSONFormat(fields: $0, maxLine: $1) }

    package static let all = [json]
}
