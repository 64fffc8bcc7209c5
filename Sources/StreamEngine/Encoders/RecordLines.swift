/// The output lines of records that pass through.
///
/// Fields of `--let` replace the member of the same name, or are added at the end if there is none. A record that is
/// not JSON becomes the member `record` of an object. Without `--let`, a record is printed unchanged except for its
/// line breaks.
struct RecordLines: ~Copyable {
    private struct Member {
        let name: [UInt8]
        /// `"name":` as JSON text.
        let opener: [UInt8]
        let column: Int
    }

    private var members: [Member] = []
    /// The last line that differs from its record.
    private(set) var buffer = ByteBuffer(capacity: 4096)
    private var arena = ByteArena()

    /// - Parameter lets: the columns of `--let`, with their names.
    init(_ lets: [(name: [UInt8], column: Int)]) {
        // If several fields have the same name, the last one wins.
        for (number, item) in lets.enumerated() where !lets[(number + 1)...].contains(where: { $0.name == item.name }) {
            var opener = ByteBuffer(capacity: 64)
            item.name.withUnsafeBytes { opener.append(quoted: $0) }
            opener.append(UInt8(ascii: ":"))
            members.append(Member(name: item.name, opener: opener.withBytes { Array($0) }, column: item.column))
        }
    }

    /// Whether a line is the text of its record, if that has no line breaks.
    var areRecords: Bool { members.isEmpty }

    /// Writes the line of an accepted record to `buffer`. Returns false if the line is the text of the record.
    @inline(__always) mutating func change(_ records: borrowing Records, _ row: Int) -> Bool {
        if members.isEmpty { return join(records, row) }
        splice(records, row)
        return true
    }

    /// Writes the record without its line breaks to `buffer`. Returns false if it has none.
    @inline(__always) mutating func join(_ records: borrowing Records, _ row: Int) -> Bool {
        guard records.holdsLineBreaks else { return false }
        join(records.text(of: row))
        return true
    }

    @inline(never) private mutating func join(_ record: UnsafeRawBufferPointer) {
        buffer.removeAll()
        buffer.append(record)
        buffer.replaceLineBreaks(from: 0)
    }

    /// Writes the record with its new members. It was accepted: if it is JSON, it is a valid object.
    private mutating func splice(_ records: borrowing Records, _ row: Int) {
        let record = records.text(of: row)
        buffer.removeAll()
        buffer.append(UInt8(ascii: "{"))
        var isFirst = true
        if records.content(of: row) == .json {
            if let base = record.baseAddress { copyMembers(base, record, &isFirst) }
        } else if !members.contains(where: { $0.name == Array("record".utf8) }) {
            buffer.append("\"record\":" as StaticString)
            buffer.append(quotedName: String(decoding: record, as: UTF8.self))
            isFirst = false
        }
        for member in members {
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            buffer.append(member.opener)
            records.columns.append(records.columns[member.column][row], to: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
        if records.holdsLineBreaks { buffer.replaceLineBreaks(from: 0) }
        arena.removeAll()
    }

    /// Copies the members that are not replaced. In a valid object, it is enough to track the nesting of brackets
    /// outside of strings.
    private mutating func copyMembers(
        _ base: UnsafeRawPointer, _ record: UnsafeRawBufferPointer, _ isFirst: inout Bool
    ) {
        var i = 0
        while i < record.count, record[i] != UInt8(ascii: "{") { i &+= 1 }
        i &+= 1
        while i < record.count {
            while i < record.count, record[i] != UInt8(ascii: "\""), record[i] != UInt8(ascii: "}") { i &+= 1 }
            guard i < record.count, record[i] == UInt8(ascii: "\"") else { return }
            let start = i
            let key = JSONString.scan(base, from: i &+ 1)
            guard key.end >= 0 else { return }
            let isReplaced = isLet(base, i &+ 1, key)
            i = key.end &+ 1
            var depth = 0
            while i < record.count {
                let byte = record[i]
                if byte == UInt8(ascii: "\"") {
                    let text = JSONString.scan(base, from: i &+ 1)
                    guard text.end >= 0 else { return }
                    i = text.end
                } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                    depth &+= 1
                } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                    if depth == 0 { break }
                    depth &-= 1
                } else if byte == UInt8(ascii: ","), depth == 0 {
                    break
                }
                i &+= 1
            }
            if !isReplaced {
                if !isFirst { buffer.append(UInt8(ascii: ",")) }
                isFirst = false
                buffer.append(UnsafeRawBufferPointer(rebasing: record[start..<min(i, record.count)]))
            }
        }
    }

    private mutating func isLet(_ base: UnsafeRawPointer, _ start: Int, _ key: JSONString.Scanned) -> Bool {
        let name =
            key.hasEscapes
            ? JSONString.unescape(base, from: start, to: key.end, arena: &arena)
            : UnsafeRawBufferPointer(start: base + start, count: key.end &- start)
        return members.contains { $0.name.elementsEqual(name) }
    }
}
