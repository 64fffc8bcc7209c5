import Plan
import StreamEngine

/// A column of a table as the server's catalog describes it.
struct DatabaseColumn: Equatable {
    var name: String
    /// Whether its values are times with a zone.
    var hasZone: Bool
    var isReadable: Bool
    /// Its type without a limit of its length, of a domain the one under it, as the server writes it.
    var baseType = "text"

    /// What its values are compared as.
    var form: KeyForm {
        switch baseType {
        case "smallint", "integer", "bigint": .integer
        case "numeric", "real", "double precision": .number
        case "boolean": .boolean
        default: .text
        }
    }

    /// What a text is read as to be compared with it, so that an index on it is used.
    var castType: String { form == .integer ? "pg_catalog.int8" : baseType }

    /// The value as rows have it. Times with a zone are written as those of rows are.
    ///
    /// - Parameter place: in front of the name.
    func value(in place: String) -> String {
        let name = Identifier.quoted(name)
        guard hasZone else { return place + name }
        return
            "pg_catalog.replace(pg_catalog.to_json(\(place)\(name)) OPERATOR(pg_catalog.#>>) '{}', '+00:00', 'Z') AS \(name)"
    }
}
