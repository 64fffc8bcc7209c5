/// An aggregate function of `-a`: its syntax, its results, and the state that computes them.
///
/// Each function is declared in the file of its state and listed in `all`. Parser, plan, help and `--explain` use only
/// this declaration.
package struct AggregateFunction: Sendable {
    package let name: String
    /// The syntax of a call: `quantile(x, 0.99)`.
    package let usage: String
    /// A short description of the result.
    package let summary: String
    /// How the result is computed, for `--explain`.
    package let method: String
    /// The number of expressions in a call.
    package let arguments: ClosedRange<Int>
    /// The constant after the expressions.
    package let parameter: AggregateParameter?
    /// The kind of value that the result column holds.
    package let content: ColumnContent
    /// Whether a text that is a number always counts as that number.
    let readsNumbers: Bool

    let state: any (Accumulator & ~Copyable).Type
    /// The state of a call without expressions.
    let stateWithoutArguments: any (Accumulator & ~Copyable).Type
    /// Selects one of the results that the state can return.
    let variant: UInt8
    /// The state that replaces both states if this function and `with` are called with the same expressions.
    let joint: (with: String, state: any (Accumulator & ~Copyable).Type)?

    /// - Parameter usage: by default one expression, `name(x)`.
    init(
        _ name: String, usage: String? = nil, _ summary: String, method: String, arguments: ClosedRange<Int> = 1...1,
        parameter: AggregateParameter? = nil, content: ColumnContent = .unknown,
        readsNumbers: Bool = false, state: any (Accumulator & ~Copyable).Type,
        stateWithoutArguments: (any (Accumulator & ~Copyable).Type)? = nil,
        variant: UInt8 = 0, joint: (with: String, state: any (Accumulator & ~Copyable).Type)? = nil
    ) {
        self.name = name
        self.usage = usage ?? "\(name)(x)"
        self.summary = summary
        self.method = method
        self.arguments = arguments
        self.parameter = parameter
        self.content = content
        self.readsNumbers = readsNumbers
        self.state = state
        self.stateWithoutArguments = stateWithoutArguments ?? state
        self.variant = variant
        self.joint = joint
    }

    /// All functions, in the order of the help.
    package static let all: [AggregateFunction] = [
        .count,
        .countIf,
        .sum,
        .avg,
        .min,
        .max,
        .first,
        .last,
        .firstRow,
        .lastRow,
        .latest,
        .stddev,
        .stddevPop,
        .variance,
        .skewness,
        .median,
        .quantile,
        .distinct,
        .top,
        .mode,
        .minBy,
        .maxBy,
        .list,
        .rate,
        .delta,
        .buckets,
    ]

    package static func named(_ name: String) -> AggregateFunction? { all.first { $0.name == name } }
}

extension AggregateFunction: Hashable, CustomStringConvertible {
    package static func == (left: Self, right: Self) -> Bool { left.name == right.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
    package var description: String { name }
}

/// The constant after the expressions of a call, such as the rank of a quantile.
package struct AggregateParameter: Sendable {
    /// The syntax in the short flag: `Q:FIELD, such as 0.99:ms`.
    package let flagForm: String
    private let range: ClosedRange<Double>
    private let isWhole: Bool
    /// The message for a value that is not accepted.
    package let rule: String
    /// Replaces the function name in the default column name.
    package let columnPrefix: (@Sendable (Double) -> String)?

    init(
        flagForm: String, range: ClosedRange<Double>, isWhole: Bool = false, rule: String,
        columnPrefix: (@Sendable (Double) -> String)? = nil
    ) {
        self.flagForm = flagForm
        self.range = range
        self.isWhole = isWhole
        self.rule = rule
        self.columnPrefix = columnPrefix
    }

    package func accepts(_ value: Double) -> Bool {
        range.contains(value) && (!isWhole || value == ExactMath.truncated(value))
    }

    /// The value as written in a call.
    package func text(_ value: Double) -> String { isWhole ? "\(Int64(exactly: value) ?? 0)" : "\(value)" }
}
