extension Expression {
    /// The kind of its values, as far as it is known before the first row.
    ///
    /// - Parameter field: returns the kind of the values of a field.
    package func content(_ field: (FieldPath) -> ColumnContent) -> ColumnContent { syntax.content(field) }
}

extension Syntax {
    func content(_ field: (FieldPath) -> ColumnContent) -> ColumnContent {
        switch self {
        case .literal(let literal): literal.content
        case .field(let path, _): field(path)
        case .aggregate(let call): call.function.content
        case .apply(let operation, let arguments):
            switch operation {
            case .choose: Self.common(arguments.dropFirst().map { $0.content(field) })
            case .coalesce, .least, .greatest: Self.common(arguments.map { $0.content(field) })
            case .add, .subtract: Self.sum(arguments.map { $0.content(field) })
            default: operation.content
            }
        }
    }

    /// The kind of a value that is one of several.
    private static func common(_ contents: [ColumnContent]) -> ColumnContent {
        guard let first = contents.first else { return .unknown }
        if contents.allSatisfy({ $0 == first }) { return first }
        let numbers: [ColumnContent] = [.integer, .double, .number]
        return contents.allSatisfy { numbers.contains($0) } ? .number : .unknown
    }

    /// The kind of a sum or difference, which may be a time.
    private static func sum(_ contents: [ColumnContent]) -> ColumnContent {
        let numbers: [ColumnContent] = [.integer, .double, .number]
        if contents.allSatisfy({ numbers.contains($0) }) { return contents.contains(.double) ? .double : .number }
        return .unknown
    }
}

extension Literal {
    fileprivate var content: ColumnContent {
        switch self {
        case .null: .unknown
        case .boolean: .boolean
        case .integer: .integer
        case .double: .double
        case .digits: .number
        case .string: .text
        }
    }
}

extension Operation {
    /// The kind of its results, if that does not depend on the arguments.
    fileprivate var content: ColumnContent {
        switch self {
        case .divide: .double
        case .multiply, .remainder, .negate: .number
        case .compare, .isIn, .and, .or, .not, .isNull, .matches: .boolean
        case .extract, .replaceMatches, .type, .formatTime, .url: .text
        case .list(let function): function == .avg ? .double : .number
        case .read(let function):
            switch function {
            case .base64: .text
            case .duration: .number
            case .size: .integer
            }
        case .number(let function):
            switch function {
            case .sign, .integer: .integer
            case .sqrt: .double
            default: .number
            }
        case .text(let function):
            switch function {
            case .length, .bytes: .integer
            case .startsWith, .endsWith, .contains: .boolean
            default: .text
            }
        case .time, .floorTime, .now: .time
        case .epoch: .number
        case .timePart: .integer
        default: .unknown
        }
    }
}
