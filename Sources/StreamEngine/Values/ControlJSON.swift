/// A JSON value as a tree, for control data: checkpoints, fingerprints of jobs, metadata of committed offsets.
/// Records never become trees.
///
/// Control data contains neither fractions nor null.
package enum ControlJSON: Equatable, Sendable {
    /// The members in the order in which they were written.
    case object([Member])
    case array([ControlJSON])
    case text(String)
    case integer(Int64)
    case boolean(Bool)

    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: ControlJSON

        package init(_ name: String, _ value: ControlJSON) {
            self.name = name
            self.value = value
        }
    }

    /// The members of an object; empty for any other value.
    package var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// The member of an object; nil if it is missing or this is not an object. Searches linearly, so it suits small
    /// objects.
    package subscript(name: String) -> ControlJSON? {
        members.first { $0.name == name }?.value
    }

    /// The JSON text, on one line without white space.
    package var json: String {
        var buffer = ByteBuffer()
        buffer.append(self)
        return buffer.text
    }
}

extension ByteBuffer {
    package mutating func append(_ tree: ControlJSON) {
        switch tree {
        case .object(let members):
            append(UInt8(ascii: "{"))
            for (number, member) in members.enumerated() {
                if number > 0 { append(UInt8(ascii: ",")) }
                append(quotedName: member.name)
                append(UInt8(ascii: ":"))
                append(member.value)
            }
            append(UInt8(ascii: "}"))
        case .array(let elements):
            append(UInt8(ascii: "["))
            for (number, element) in elements.enumerated() {
                if number > 0 { append(UInt8(ascii: ",")) }
                append(element)
            }
            append(UInt8(ascii: "]"))
        case .text(let text): append(quotedName: text)
        case .integer(let number): append(integer: number)
        case .boolean(let value): append(json: Value(value))
        }
    }
}
