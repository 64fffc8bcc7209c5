import StreamEngine

/// An SQL identifier.
package enum Identifier {
    /// Bytes of a name that the server keeps. It would truncate a longer one, and two names could become the same.
    package static let limit = 63

    /// The name in double quotes.
    package static func quoted(_ name: String) -> String {
        var text = "\""
        for scalar in name.unicodeScalars {
            if scalar == "\"" { text += "\"" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }

    package static func list(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }

    package static func check(_ name: String, _ what: String) throws(RunError) {
        guard !name.isEmpty else { throw .usage("the \(what) name is empty") }
        guard !name.utf8.contains(0) else { throw .usage("the \(what) name contains a NUL character") }
        guard name.utf8.count <= limit else {
            throw .usage("the \(what) name '\(name)' is longer than the \(limit) bytes that PostgreSQL keeps")
        }
    }
}

/// A table as named by `--table`: `[SCHEMA.]NAME`.
///
/// The parts are read as in psql: without quotes, `Events` is `events`, the table that `CREATE TABLE Events` creates;
/// in double quotes, every character counts, and `""` is one quote.
package struct TableName: Equatable, Sendable {
    /// nil: the first schema of the search path with such a table.
    package var schema: String?
    package var name: String

    package init(schema: String?, name: String) {
        self.schema = schema
        self.name = name
    }

    package init(parsing text: String) throws(RunError) {
        var parts = [""]
        var isQuoted = false
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            if scalar == "\"" {
                if isQuoted, scalars.first == "\"" {
                    scalars.removeFirst()
                    parts[parts.count - 1] += "\""
                } else {
                    isQuoted.toggle()
                }
            } else if scalar == ".", !isQuoted {
                parts.append("")
            } else {
                let folded =
                    isQuoted || !("A"..."Z").contains(scalar) ? scalar : Unicode.Scalar(UInt8(scalar.value) | 0x20)
                parts[parts.count - 1].unicodeScalars.append(folded)
            }
        }
        guard !isQuoted else { throw .usage("the table name '\(text)' has an unclosed double quote") }
        guard let name = parts.last, parts.count <= 2 else {
            throw .usage(
                "the table name '\(text)' has too many parts; write [SCHEMA.]NAME, and names with dots in double quotes"
            )
        }
        try Identifier.check(name, "table")
        if parts.count == 2 { try Identifier.check(parts[0], "schema") }
        self.init(schema: parts.count == 2 ? parts[0] : nil, name: name)
    }

    /// For statements.
    package var quoted: String {
        schema.map { "\(Identifier.quoted($0)).\(Identifier.quoted(name))" } ?? Identifier.quoted(name)
    }
    /// For messages.
    package var text: String { schema.map { "\($0).\(name)" } ?? name }
}
