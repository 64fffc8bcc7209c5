import Plan
import StreamEngine

/// The columns of records for engines that need a schema: each path into a record is a part of the column at its top.
struct JobColumn {
    /// What a column holds.
    indirect enum Shape {
        case value(FieldType)
        case object([(name: String, shape: Shape)])
    }

    var name: String
    var shape: Shape
    /// The fields that the query reads of it; never empty.
    var fields: [JobField]

    /// What differs for a path into a record.
    static let dots = "a key with a dot in its name is not found; write it in double quotes if it is one"

    var isObject: Bool { if case .object = shape { true } else { false } }

    /// The columns of the fields, in order of appearance.
    ///
    /// - Throws: for elements of arrays, and for a field that is read both as an object and as a value.
    static func all(of fields: [JobField], for engine: String) throws(UsageError) -> [JobColumn] {
        var names: [String] = []
        var groups: [String: [JobField]] = [:]
        for field in fields {
            guard let name = field.names?.first else {
                throw .refusal(
                    engine, field.reason, "job reads no elements of arrays, such as '\(field.path.text)'",
                    "use a field without an index")
            }
            if groups[name] == nil { names.append(name) }
            groups[name, default: []].append(field)
        }
        var result: [JobColumn] = []
        for name in names {
            let fields = groups[name] ?? []
            let parts = fields.compactMap { field in field.names.map { ($0.dropFirst(), field.type) } }
            guard let shape = shape(parts) else {
                throw .refusal(
                    engine, fields.first?.path.text ?? name, "job reads a field either as an object or as a value",
                    "read it in one way")
            }
            result.append(JobColumn(name: name, shape: shape, fields: fields))
        }
        return result
    }

    /// The shape of a value of which these parts are read; nil if it is both a value and an object.
    private static func shape(_ parts: [(names: ArraySlice<String>, type: FieldType)]) -> Shape? {
        if parts.contains(where: { $0.names.isEmpty }) {
            guard let first = parts.first, parts.allSatisfy({ $0.names.isEmpty }) else { return nil }
            return .value(first.type)
        }
        var members: [(name: String, parts: [(names: ArraySlice<String>, type: FieldType)])] = []
        for part in parts {
            guard let name = part.names.first else { continue }
            let rest = (names: part.names.dropFirst(), type: part.type)
            if let index = members.firstIndex(where: { $0.name == name }) {
                members[index].parts.append(rest)
            } else {
                members.append((name, [rest]))
            }
        }
        var shapes: [(name: String, shape: Shape)] = []
        for member in members {
            guard let shape = shape(member.parts) else { return nil }
            shapes.append((member.name, shape))
        }
        return .object(shapes)
    }
}
