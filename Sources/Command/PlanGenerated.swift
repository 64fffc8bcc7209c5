import Plan
import StreamEngine

/// What is printed for another program, and the types that a job of another engine needs.
extension Plan {
    static func generated(_ flags: ReportingArguments) throws(UsageError) -> Generated? {
        guard let text = flags.generate else { return nil }
        let name = text.lowercased()
        guard let kind = Generated.allCases.first(where: { $0.name == name }) else {
            let kinds = Generated.allCases.map(\.name).joined(separator: ", ")
            throw UsageError("--generate '\(text)': unknown kind; use one of \(kinds)")
        }
        guard !flags.explain || kind.engine != nil else {
            throw UsageError("--generate \(kind.name) and --explain cannot be combined; remove one of them")
        }
        return kind
    }

    /// `--types FIELD=TYPE,…`
    static func declaredTypes(
        _ flags: ReportingArguments, _ kind: Generated?
    ) throws(UsageError) -> [DeclaredType] {
        guard let first = flags.types.first else { return [] }
        guard kind?.engine != nil else {
            throw UsageError(
                "--types \(first) is for a job of another engine; add --generate flink-sql, or remove --types")
        }
        var types: [DeclaredType] = []
        for text in flags.types {
            for declared in try readTypes(text) {
                guard !types.contains(where: { $0.field == declared.field }) else {
                    throw UsageError("--types: '\(declared.field.text)' is given twice; remove one")
                }
                types.append(declared)
            }
        }
        return types
    }

    private static func readTypes(_ text: String) throws(UsageError) -> [DeclaredType] {
        let bytes = Array(text.utf8)
        var types: [DeclaredType] = []
        var position = 0
        repeat {
            let field: FieldPath
            do {
                field = try FieldPath.parse(bytes, at: &position, allowsHyphen: true)
            } catch {
                throw UsageError("--types '\(text)': \(error.reason); write FIELD=TYPE, such as ms=BIGINT")
            }
            guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
                throw UsageError(
                    "--types '\(text)': '\(field.text)' has no type; write \(field.text)=DOUBLE, or another type")
            }
            let end = bytes[position...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
            let word = String(decoding: bytes[position..<end].dropFirst(), as: UTF8.self)
            guard let type = FieldType(named: word) else {
                let names = FieldType.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("--types '\(text)': unknown type '\(word)'; use one of \(names)")
            }
            types.append(DeclaredType(field: field, type: type))
            position = end + 1
        } while position <= bytes.count
        return types
    }
}
