import Plan
import StreamEngine

extension Syntax {
    /// The type of its values; nil if it is only null, or unknown.
    func type(
        _ field: (FieldPath) -> FieldType?, aggregate: (AggregateCall) -> FieldType? = { _ in nil }
    ) -> FieldType? {
        switch self {
        case .literal(let literal): return literal.type
        case .field(let path, _): return field(path)
        case .aggregate(let call): return aggregate(call)
        case .apply(let operation, let arguments):
            let types = arguments.map { $0.type(field, aggregate: aggregate) }
            switch operation {
            case .choose: return Self.common(Array(types.dropFirst()))
            case .coalesce, .least, .greatest: return Self.common(types)
            case .add, .subtract:
                if types.contains(.timestamp) {
                    return types.allSatisfy { $0 == .timestamp } ? .double : .timestamp
                }
                return types.allSatisfy { $0 == .bigint } ? .bigint : .double
            case .multiply, .remainder, .negate: return types.allSatisfy { $0 == .bigint } ? .bigint : .double
            case .number(let function):
                switch function {
                case .abs, .number: return types.first == .bigint ? .bigint : .double
                case .round: return types.first == .bigint || types.count == 1 ? .bigint : .double
                case .ceil, .floor, .trunc, .sign, .integer: return .bigint
                case .sqrt: return .double
                }
            default: return operation.type
            }
        }
    }

    private static func common(_ types: [FieldType?]) -> FieldType? {
        let known = types.compactMap(\.self)
        guard let first = known.first else { return nil }
        if known.allSatisfy({ $0 == first }) { return first }
        return known.allSatisfy { $0 == .bigint || $0 == .double } ? .double : .string
    }
}

extension Literal {
    fileprivate var type: FieldType? {
        switch self {
        case .null: nil
        case .boolean: .boolean
        case .integer: .bigint
        case .double, .digits: .double
        case .string: .string
        }
    }
}

extension Operation {
    /// The type of its results, where that does not depend on the arguments.
    fileprivate var type: FieldType {
        switch self {
        case .divide, .list, .epoch: .double
        case .compare, .isIn, .and, .or, .not, .isNull, .matches: .boolean
        case .time, .floorTime, .now: .timestamp
        case .timePart: .bigint
        case .read(let function): function == .base64 ? .string : function == .size ? .bigint : .double
        case .text(let function):
            switch function {
            case .length, .bytes: .bigint
            case .startsWith, .endsWith, .contains: .boolean
            default: .string
            }
        default: .string
        }
    }

    /// The type that an argument should have; nil if it may have any.
    ///
    /// - Parameter wanted: the type that the result should have.
    func wants(_ number: Int, of arguments: [Syntax], _ wanted: FieldType?) -> FieldType? {
        switch self {
        case .add, .subtract, .multiply, .divide, .negate, .number: .double
        // Engines have a remainder of whole numbers only.
        case .remainder: .bigint
        case .and, .or, .not: .boolean
        case .compare, .isIn: arguments.indices.filter { $0 != number }.lazy.compactMap { arguments[$0].known }.first
        case .least, .greatest, .coalesce:
            wanted ?? arguments.indices.filter { $0 != number }.lazy.compactMap { arguments[$0].known }.first
        case .choose: number == 0 ? .boolean : wanted
        case .isNull, .type: nil
        case .matches, .extract, .replaceMatches, .text, .url, .read, .json, .list: .string
        case .time(let format):
            switch format {
            case .auto, .iso: .timestamp
            case .seconds: .double
            case .milliseconds, .microseconds, .nanoseconds: .bigint
            case .pattern: .string
            }
        case .epoch, .formatTime, .floorTime, .timePart: .timestamp
        case .now: nil
        }
    }
}

extension Syntax {
    /// The type that does not depend on fields. What is compared with a whole number may have a fraction.
    fileprivate var known: FieldType? {
        let type = type { _ in nil }
        return type == .bigint ? .double : type
    }
}

extension AggregateFunction {
    /// The type that an argument should have; nil if it may have any.
    func argumentType(_ number: Int) -> FieldType? {
        switch self {
        case .count, .distinct, .first, .last, .firstRow, .lastRow, .latest, .top, .mode, .list: nil
        case .countIf: .boolean
        case .minBy, .maxBy: number == 0 ? nil : .double
        default: .double
        }
    }

    /// The type of its results.
    ///
    /// - Parameter argument: the type of the first argument.
    func type(_ argument: FieldType) -> FieldType {
        switch self {
        case .count, .countIf, .distinct: .bigint
        case .sum, .delta: argument == .bigint ? .bigint : .double
        case .min, .max, .first, .last, .firstRow, .lastRow, .latest, .mode, .minBy, .maxBy: argument
        case .top, .list, .buckets: .string
        default: .double
        }
    }
}

extension SourceColumn {
    var type: FieldType {
        switch self {
        case .partition, .offset, .lineNumber: .bigint
        case .time: .timestamp
        default: .string
        }
    }
}
