/// The JSON text of a schema, or of an answer that contains one, as a tree.
///
/// Unlike control data, it may contain fractions and null, which no schema needs for decoding.
package indirect enum SchemaTree: Sendable {
    case object([Member])
    case array([SchemaTree])
    case text(String)
    case integer(Int64)
    /// Null, a truth value or a fraction.
    case other

    package struct Member: Sendable {
        package let name: String
        package let value: SchemaTree
    }

    private static let depthLimit = 100

    /// - Returns: nil if the text is not JSON, or nested too deeply.
    package init?(_ text: UnsafeRawBufferPointer) {
        var arena = ByteArena()
        guard let checked = JSONTextCheck().valid(text, &arena) else { return nil }
        self.init(checked, depth: 0, &arena)
    }

    package init?(_ text: String) {
        var text = text
        guard let tree = text.withUTF8({ SchemaTree(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = tree
    }

    private init?(_ text: UnsafeRawBufferPointer, depth: Int, _ arena: inout ByteArena) {
        guard depth < Self.depthLimit, let first = text.first else { return nil }
        switch first {
        case UInt8(ascii: "{"):
            var items = JSONItems(text)
            var members: [Member] = []
            while let (name, value) = items.nextMember() {
                guard let start = name.baseAddress, let tree = SchemaTree(value, depth: depth + 1, &arena) else {
                    return nil
                }
                let quoted = UnsafeRawBufferPointer(start: start - 1, count: name.count + 2)
                members.append(Member(name: Self.string(quoted, &arena), value: tree))
            }
            self = .object(members)
        case UInt8(ascii: "["):
            var items = JSONItems(text)
            var elements: [SchemaTree] = []
            while let element = items.next() {
                guard let tree = SchemaTree(element, depth: depth + 1, &arena) else { return nil }
                elements.append(tree)
            }
            self = .array(elements)
        case UInt8(ascii: "\""): self = .text(Self.string(text, &arena))
        default:
            let value = JSONItems.value(text, &arena)
            self = value.kind == .integer ? .integer(value.integer) : .other
        }
    }

    private static func string(_ quoted: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> String {
        String(decoding: JSONItems.value(quoted, &arena).bytes, as: UTF8.self)
    }

    /// The first member of this name; nil if there is none or this is not an object.
    package subscript(name: String) -> SchemaTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    package var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    package var integer: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    package var elements: [SchemaTree]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}
