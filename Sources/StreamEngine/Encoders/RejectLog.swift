/// Lines for `--rejects`: one JSON object per rejected or late record.
package struct RejectLog: ~Copyable {
    private var buffer = ByteBuffer(capacity: 4096)
    private let isWanted: Bool
    private let inputNames: InputNames

    /// Longer lines are truncated, because the number of available bytes depends on how they were read.
    private let maxLine: Int

    init(isWanted: Bool, maxLine: Int, inputNames: InputNames) {
        self.isWanted = isWanted
        self.maxLine = maxLine
        self.inputNames = inputNames
    }

    /// Calls `body` with the lines added since `removeAll`.
    package borrowing func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        buffer.withBytes(body)
    }

    package mutating func removeAll() { buffer.removeAll() }

    /// - Parameters:
    ///   - content: JSON is printed unchanged; text becomes a string, with every byte that is not UTF-8 replaced.
    ///   - holdsLineBreaks: whether it may contain line breaks, which are printed as tabs if it is JSON.
    mutating func add(
        _ reason: String, _ detail: StaticString, _ position: RecordPosition, _ record: UnsafeRawBufferPointer,
        _ content: RecordContent, holdsLineBreaks: Bool = false
    ) {
        guard isWanted else { return }
        buffer.append("{\"reason\":" as StaticString)
        buffer.append(quotedName: reason)
        buffer.append(",\"detail\":" as StaticString)
        buffer.append(quotedName: detail.description)
        buffer.append(UInt8(ascii: ","))
        inputNames.append(members: position, to: &buffer)
        buffer.append(",\"record\":" as StaticString)
        switch content {
        case .nothing: buffer.append("null" as StaticString)
        case .json:
            let start = buffer.count
            buffer.append(record)
            if holdsLineBreaks { buffer.replaceLineBreaks(from: start) }
        case .text: buffer.append(quotedName: String(decoding: record.prefix(maxLine), as: UTF8.self))
        }
        buffer.append("}\n" as StaticString)
    }
}
