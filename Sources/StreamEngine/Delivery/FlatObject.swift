/// JSON objects without nesting, for what is kept between runs.
package enum FlatObject {
    package enum Member: Equatable, Sendable {
        case integer(Int64)
        case boolean(Bool)
        case text(String)
    }

    /// The object with these members, in this order, on one line.
    package static func text(_ members: [(String, Member)]) -> String {
        var buffer = ByteBuffer()
        for (number, (name, member)) in members.enumerated() {
            buffer.append(number == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
            buffer.append(quotedName: name)
            buffer.append(UInt8(ascii: ":"))
            switch member {
            case .integer(let number): buffer.append(integer: number)
            case .boolean(let value): buffer.append(json: Value(value))
            case .text(let text): buffer.append(quotedName: text)
            }
        }
        if members.isEmpty { buffer.append(UInt8(ascii: "{")) }
        buffer.append(UInt8(ascii: "}"))
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    /// The members of these names, in whatever order they stand; those that are missing or of another kind are left out.
    /// An object that is not valid JSON has none.
    package static func parse(_ text: String, _ names: [String]) -> [String: Member] {
        // The last column is the one of control lines.
        let fields = (names + ["$watermark"]).map { FieldPath(name: Array($0.utf8)) }
        var scanner = JSONFormat(fields: fields, maxLine: Int(Int32.max))
        var batch = Batch(capacity: max(64, text.utf8.count))
        var text = text
        text.withUTF8 { batch.append(UnsafeRawBufferPointer($0)) }
        var records = Records(columnCount: fields.count)
        scanner.read(&batch, into: &records)
        guard records.count == 1, records.places[0].status == .accepted else { return [:] }
        var members: [String: Member] = [:]
        for (column, name) in names.enumerated() {
            let value = records.columns[column][0]
            switch value.kind {
            case .integer: members[name] = .integer(value.integer)
            case .true, .false: members[name] = .boolean(value.kind == .true)
            case .string: members[name] = .text(String(decoding: value.bytes, as: UTF8.self))
            default: break
            }
        }
        return members
    }
}
