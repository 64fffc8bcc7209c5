/// Reads the value at a path of JSON that is the text of a string.
///
/// As in records, any part of the path may be one key with dots. At each level, the longest key that is there takes
/// precedence, and of equal keys the last one.
final class JSONPathReader {
    private enum Step {
        /// What may be a key here, the longest first, and the number of the step after it.
        case keys([(key: [UInt8], next: Int)])
        case index(Int)
    }

    private let steps: [Step]
    private let check = JSONTextCheck()

    /// - Parameter path: nil for the whole text.
    init(_ path: FieldPath?) {
        let parts = path?.steps ?? []
        steps = parts.indices.map { start in
            var key: [UInt8] = []
            var keys: [(key: [UInt8], next: Int)] = []
            for place in start..<parts.count {
                switch parts[place] {
                case .name(let name): key += (place > start ? Array(".".utf8) : []) + name
                case .source(let column): key += Array(column.rawValue.utf8)
                case .index(let index):
                    if place == start { return .index(index) }
                    key += Array("[\(index)]".utf8)
                }
                keys.insert((key, place + 1), at: 0)
            }
            return .keys(keys)
        }
    }

    /// The value; null if the path leads nowhere, `missing` if the text is not JSON.
    func value(_ given: Value, _ arena: inout ByteArena) -> Value {
        var text: UnsafeRawBufferPointer
        switch given.kind {
        case .json: text = given.bytes
        case .string, .digits:
            guard let valid = check.valid(given.bytes, &arena) else { return .missing }
            text = valid
        case .missing, .null: return .null
        // A number or boolean was the whole text.
        case .false, .true, .integer, .double: return steps.isEmpty ? given : .null
        case .time: return .missing
        }
        var place = 0
        while place < steps.count {
            switch steps[place] {
            case .index(let index):
                guard text.first == UInt8(ascii: "[") else { return .null }
                var items = JSONItems(text)
                var item = items.next()
                for _ in 0..<index where item != nil { item = items.next() }
                guard let item else { return .null }
                text = item
                place &+= 1
            case .keys(let keys):
                guard text.first == UInt8(ascii: "{"), let found = Self.member(of: text, keys, &arena) else {
                    return .null
                }
                (text, place) = found
            }
        }
        return JSONItems.value(text, &arena)
    }

    /// The value of the member with the longest of the keys, and the number of the step after the key.
    private static func member(
        of object: UnsafeRawBufferPointer, _ keys: [(key: [UInt8], next: Int)], _ arena: inout ByteArena
    ) -> (UnsafeRawBufferPointer, Int)? {
        var items = JSONItems(object)
        var found: (UnsafeRawBufferPointer, Int)?
        while let member = items.nextMember() {
            var name = member.name
            if name.contains(UInt8(ascii: "\\")), let base = name.baseAddress {
                name = JSONString.unescape(base, from: 0, to: name.count, arena: &arena)
            }
            for candidate in keys where candidate.next >= found?.1 ?? 0 {
                guard candidate.key.count == name.count else { continue }
                if candidate.key.withUnsafeBytes({ compareBytes($0, name) == 0 }) {
                    found = (member.value, candidate.next)
                    break
                }
            }
        }
        return found
    }
}
