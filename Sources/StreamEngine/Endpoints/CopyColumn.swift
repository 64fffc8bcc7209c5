/// The properties of a database type that the row encoder needs.
package enum ColumnType: Equatable, Sendable {
    case text, smallint, integer, bigint, real, double, numeric, boolean, timestamp, timestamptz, date, json, jsonb,
        uuid
    /// Any other type, by its name in the database, which parses the values from text.
    case other(String)
}

/// A column to which rows are copied.
package struct CopyColumn: Sendable {
    package var name: String
    package var type: ColumnType
    /// The index of the result column that fills it.
    package var source: Int
    /// Whether the column refuses null.
    package var isNotNull: Bool
    /// Whether it is part of the key of an upsert.
    package var isKey: Bool
    /// Whether the unique index treats nulls as distinct: a row with a null there could be inserted twice.
    package var nullsRepeat: Bool
    /// Whether equal values are always written with the same bytes, as those of a key are compared.
    package var isWrittenAlike: Bool
    /// If the type is a domain: the type under it, as the server writes it.
    package var baseType: String?
    /// The schema of the operators that compare the type, if they are not built in.
    package var operatorSchema: String?
    /// Whether a row with an earlier value in this column does not replace one with a later value.
    package var isVersion: Bool
    /// Maximum length of a text in characters; spaces beyond it would be truncated silently.
    package var limit: Int?

    package init(
        name: String, type: ColumnType, source: Int, isNotNull: Bool = false, isKey: Bool = false,
        nullsRepeat: Bool = false, isWrittenAlike: Bool = false, baseType: String? = nil, operatorSchema: String? = nil,
        isVersion: Bool = false, limit: Int? = nil
    ) {
        self.name = name
        self.type = type
        self.source = source
        self.isNotNull = isNotNull
        self.isKey = isKey
        self.nullsRepeat = nullsRepeat
        self.isWrittenAlike = isWrittenAlike
        self.baseType = baseType
        self.operatorSchema = operatorSchema
        self.isVersion = isVersion
        self.limit = limit
    }
}
