/// What `CopyEncoder` asks of a column for every value. Unlike a `CopyColumn`, whose names would be retained each time,
/// it is copied as plain bytes.
struct CopyCell {
    /// The values that are written at once; all others take the way of their column.
    enum Form {
        /// Texts of any length.
        case text
        /// Integers, whatever their size.
        case integer
        /// Doubles and integers.
        case double
        /// Times with a zone.
        case time
        case other
    }

    /// How a value becomes one of the column.
    enum Reading {
        /// A number is stored with the digits that it was written with.
        case asWritten
        /// A double, as which equal keys are alike.
        case doubleKey
        case time, day, plain
    }

    /// The column of the values.
    let column: Int
    let form: Form
    let reading: Reading
    let isKey: Bool
    let isVersion: Bool
    /// Whether null is written as it is.
    let takesNull: Bool

    init(_ target: CopyColumn, column: Int) {
        self.column = column
        isKey = target.isKey
        isVersion = target.isVersion
        takesNull = !target.isNotNull && !(target.isKey && target.nullsRepeat)
        // Equal keys are written alike.
        form =
            switch target.type {
            case .text where target.limit == nil: .text
            case .bigint, .numeric: .integer
            case .double where !target.isKey: .double
            case .timestamptz: .time
            default: .other
            }
        reading =
            switch target.type {
            case .numeric, .text, .json, .jsonb, .other: target.isKey ? .plain : .asWritten
            case .real, .double: target.isKey ? .doubleKey : .plain
            case .timestamp, .timestamptz: .time
            case .date: .day
            default: .plain
            }
    }
}
