/// The type of a database column, as far as the encoder of rows must know it.
package enum ColumnType: Equatable, Sendable {
    case text, smallint, integer, bigint, real, double, numeric, boolean, timestamp, timestamptz, date, json, jsonb,
        uuid
    /// Any other type, by the name the database gives it: it gets texts and judges them itself.
    case other(String)
}

/// A column that rows are copied into.
package struct CopyColumn: Sendable {
    package var name: String
    package var type: ColumnType
    /// Which of the result columns fills it.
    package var source: Int
    /// Null is refused.
    package var isNotNull: Bool
    /// Part of the key that an upsert goes by.
    package var isKey: Bool
    /// The unique index takes nulls for different: a row with a null there could be inserted twice.
    package var nullsRepeat: Bool
    /// Characters that a text may have; blanks beyond them would be cut off without a word.
    package var limit: Int?

    package init(
        name: String, type: ColumnType, source: Int, isNotNull: Bool = false, isKey: Bool = false,
        nullsRepeat: Bool = false, limit: Int? = nil
    ) {
        self.name = name
        self.type = type
        self.source = source
        self.isNotNull = isNotNull
        self.isKey = isKey
        self.nullsRepeat = nullsRepeat
        self.limit = limit
    }
}
