/// Why a value could not be used. It counts as null, and is reported at the end.
package enum BadValueKind: UInt8, Sendable, CaseIterable {
    case number, json, base64, duration, size
    /// NaN or an infinity in a record, which some writers of JSON produce.
    case notFinite
    /// A row of CSV or TSV with fewer values than the header has names.
    case shortRow
    /// A text whose escapes give bytes that are not UTF-8.
    case badEscape

    /// The kind of the values that the report counts under a name; nil if that is the name of an aggregate.
    package init?(place: String) {
        guard let kind = Self.allCases.first(where: { $0.place == place }) else { return nil }
        self = kind
    }

    /// What the report says of one such value and of several.
    package var message: (one: String, many: String) {
        switch self {
        case .number: ("value is not a number and is skipped", "values are not numbers and are skipped")
        case .json: ("value is not JSON and gives null", "values are not JSON and give null")
        case .base64: ("value is not base64 of text and gives null", "values are not base64 of text and give null")
        case .duration: ("value is not a duration and gives null", "values are not durations and give null")
        case .size: ("value is not a size and gives null", "values are not sizes and give null")
        case .notFinite:
            (
                "value is NaN or infinite, which JSON cannot be, and is read as null",
                "values are NaN or infinite, which JSON cannot be, and are read as null"
            )
        case .shortRow:
            (
                "row has fewer values than the header, and the missing ones are null",
                "rows have fewer values than the header, and the missing ones are null"
            )
        case .badEscape:
            (
                "value has escapes that are not UTF-8, each of which is read as U+FFFD",
                "values have escapes that are not UTF-8, each of which is read as U+FFFD"
            )
        }
    }

    /// The name under which the report counts such values.
    var place: String {
        switch self {
        case .number: "expressions"
        case .json: "json()"
        case .base64: "from_base64()"
        case .duration: "duration()"
        case .size: "size()"
        case .notFinite: "records"
        case .shortRow: "rows"
        case .badEscape: "escapes"
        }
    }
}

/// Values of one kind that a program, or the records of a batch, had to skip.
struct BadValues {
    var kind: BadValueKind
    var count: Int
    /// The row of the first one, and the value; valid as long as the columns.
    var first: (row: Int, value: Value)?
    /// The expression that skipped them; empty if they are skipped wherever they are used.
    var expression = ""
}

extension [BadValues] {
    /// Adds to the entry of the same kind, or appends one. The first example stays.
    mutating func note(_ new: BadValues) {
        guard let index = firstIndex(where: { $0.kind == new.kind }) else { return append(new) }
        self[index].count &+= new.count
        guard self[index].first == nil, new.first != nil else { return }
        self[index].first = new.first
        self[index].expression = new.expression
    }
}
