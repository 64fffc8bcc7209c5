@testable import StreamEngine

/// A value of a test, with text of its own.
enum Datum: Sendable, Hashable {
    case missing, null, `true`, `false`
    case integer(Int64)
    case double(Double)
    case time(Int64)
    case string(String)
    case json(String)
    /// A number as its text.
    case digits(String)
}

extension Datum: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral {
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(floatLiteral value: Double) { self = .double(value) }
    init(stringLiteral value: String) { self = .string(value) }
}

struct AggregateRow: Sendable {
    var first: Datum
    var second: Datum = .null
    var time: Int64 = 0
}

/// Keeps the text of values alive.
final class ValueKeeper {
    private var arena = ByteArena()

    func value(_ datum: Datum) -> Value {
        switch datum {
        case .missing: .missing
        case .null: .null
        case .true: Value(true)
        case .false: Value(false)
        case .integer(let value): Value(value)
        case .double(let value): Value(kind: .double, bits: value.bitPattern)
        case .time(let value): Value(time: value)
        case .string(let text): keep(text, .string)
        case .json(let text): keep(text, .json)
        case .digits(let text): keep(text, .digits)
        }
    }

    private func keep(_ text: String, _ kind: Kind) -> Value {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { Value(arena.copy($0), kind: kind) }
    }
}

/// The rows of one group, and the ways to get them into a state.
final class AggregateRun {
    let function: AggregateFunction
    let parameter: Double
    let column: any AggregateColumn
    let rowCount: Int
    private(set) var badCount = 0
    private let keeper = ValueKeeper()
    private var first: [Value]
    private var second: [Value]
    private var times: [Int64]

    init(_ function: AggregateFunction, _ rows: [AggregateRow], parameter: Double = 0, argumentCount: Int = 1) {
        self.function = function
        self.parameter = parameter
        column = (argumentCount == 0 ? function.stateWithoutArguments : function.state).makeColumn()
        column.grow(to: 1)
        rowCount = rows.count
        first = []
        second = []
        times = []
        for row in rows {
            first.append(keeper.value(row.first))
            second.append(keeper.value(row.second))
            times.append(row.time)
        }
    }

    /// Merges a state into another.
    func merge(_ source: Int, into target: Int) {
        column.merge([UInt32(source)], into: [UInt32(target)], count: 1)
    }

    /// Updates the state of `slot` with the rows in the given order.
    func update(_ slot: Int, _ rows: [Int]) { update(rows.map { _ in slot }, rows) }

    /// Updates the state of `slots[i]` with row `rows[i]`, for all i in one call.
    func update(_ slots: [Int], _ rows: [Int]) {
        guard let last = slots.max() else { return }
        column.grow(to: last + 1)
        let slots = slots.map { UInt32($0) }
        let numbers = rows.map { UInt32($0) }
        first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { second in
                times.withUnsafeBufferPointer { times in
                    guard let a = first.baseAddress, let b = second.baseAddress, let t = times.baseAddress
                    else { return }
                    let arguments = AggregateArguments(first: a, second: b, times: t, order: 100)
                    badCount += column.update(slots: slots, rows: numbers, count: rows.count, arguments: arguments)
                }
            }
        }
    }

    /// The result of `slot`: its kind and its exact bytes, as text.
    func result(_ slot: Int = 0) -> String {
        var arena = ByteArena()
        var value = Value.null
        column.results(
            [UInt32(slot)], count: 1, ResultRequest(function: function, parameter: parameter), into: &value,
            arena: &arena)
        return describe(value)
    }
}

/// Kind and content; doubles in a form that tells any two apart.
func describe(_ value: Value) -> String {
    switch value.kind {
    case .missing, .null: "null"
    case .false: "false"
    case .true: "true"
    case .integer: "\(value.integer)"
    case .double: "double \(value.double)"
    case .time: "time \(value.integer)"
    case .digits: "digits \(String(decoding: value.bytes, as: UTF8.self))"
    case .string: "string \(String(decoding: value.bytes, as: UTF8.self))"
    case .json: "json \(String(decoding: value.bytes, as: UTF8.self))"
    }
}

/// The result of a function over rows that come in the order given.
func aggregate(
    _ function: AggregateFunction, _ rows: [AggregateRow], parameter: Double = 0, argumentCount: Int = 1
) -> String {
    let run = AggregateRun(function, rows, parameter: parameter, argumentCount: argumentCount)
    run.update(0, Array(rows.indices))
    return run.result()
}

func aggregate(_ function: AggregateFunction, _ values: [Datum], parameter: Double = 0) -> String {
    aggregate(function, values.map { AggregateRow(first: $0, second: $0) }, parameter: parameter)
}

extension AggregateColumn {
    func clear(_ slot: Int) { clear([UInt32(slot)], count: 1) }
    func grow(to capacity: Int) { begin(reserve(capacity)) }
}
