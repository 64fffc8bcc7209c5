/// The type of a column of records, from which each engine has its own name.
enum FieldType: String, Sendable {
    case string, bigint, double, boolean
    /// A time that is a text in RFC 3339.
    case timestamp
}

/// A field of records that the query reads.
struct JobField: Sendable, Equatable {
    var name: String
    var type: FieldType
    /// The flag that shows why this type was assumed.
    var reason: String
}
