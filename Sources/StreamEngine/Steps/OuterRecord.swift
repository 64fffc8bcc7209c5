/// The record around the elements of an array, as a value: a JSON object without the array.
enum OuterRecord {
    /// - Parameters:
    ///   - record: the text of the record, perhaps behind other text.
    ///   - array: the array, inside of the text.
    /// - Returns: an object in the arena.
    static func value(_ record: UnsafeRawBufferPointer, without array: Value, _ arena: inout ByteArena) -> Value {
        guard let start = record.firstIndex(of: UInt8(ascii: "{")) else { return .missing }
        var text = ByteBuffer()
        append(UnsafeRawBufferPointer(rebasing: record[start...]), without: array.bytes, to: &text)
        let copy = text.withBytes { bytes in
            // Readers of the text look at 16 bytes at a time.
            let room = arena.allocate(bytes.count + 16)
            room.copyMemory(from: bytes)
            return UnsafeMutableRawBufferPointer(rebasing: room[..<bytes.count])
        }
        LineBreaks.replace(in: copy)
        return Value(UnsafeRawBufferPointer(copy), kind: .json)
    }

    private static func append(
        _ object: UnsafeRawBufferPointer, without array: UnsafeRawBufferPointer, to text: inout ByteBuffer
    ) {
        var items = JSONItems(object)
        var isFirst = true
        text.append(UInt8(ascii: "{"))
        while let (name, value) = items.nextMember() {
            guard let start = value.baseAddress, let place = array.baseAddress, start != place else { continue }
            if !isFirst { text.append(Ascii.comma) }
            isFirst = false
            text.append(UInt8(ascii: "\""))
            text.append(name)
            text.append("\":" as StaticString)
            let holdsArray = start < place && place < start + value.count
            if holdsArray, value.first == UInt8(ascii: "{") {
                append(value, without: array, to: &text)
            } else {
                text.append(value)
            }
        }
        text.append(UInt8(ascii: "}"))
    }
}
