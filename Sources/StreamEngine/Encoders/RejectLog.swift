/// Lines for `--rejects`: one JSON object for every record that was rejected or late.
package struct RejectLog: ~Copyable {
    private var buffer = ByteBuffer(capacity: 4096)
    private let isWanted: Bool
    private let inputNames: InputNames

    /// Longer lines are cut: how much of them is seen depends on how they were read.
    private let maxLine: Int

    init(isWanted: Bool, maxLine: Int, inputNames: InputNames) {
        self.isWanted = isWanted
        self.maxLine = maxLine
        self.inputNames = inputNames
    }

    /// What was added since `removeAll`.
    package var bytes: UnsafeRawBufferPointer { buffer.bytes }
    package mutating func removeAll() { buffer.removeAll() }

    /// - Parameters:
    ///   - content: JSON is printed as it is; text becomes a string, with every byte that is not UTF-8 replaced.
    ///   - holdsLineBreaks: it may have line breaks, for which tabs are printed if it is JSON.
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
