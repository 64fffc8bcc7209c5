/// An expression bound to columns: a list of operations. Each operation is executed for a block of rows before the next
/// operation.
///
/// All branches of a conditional are computed. This only costs time, because no operation has side effects.
package struct Program: ~Copyable {
    private let code: [Instruction]
    private let result: Operand
    private let registers: UnsafeMutablePointer<Value>
    private let constants: UnsafeMutablePointer<Value>
    private let inputs: UnsafeMutablePointer<UnsafePointer<Value>>
    /// Holds the text of the constants.
    private let constantText: ByteArena
    private var kernels: Kernels

    /// The number of values so far that a function could not use. Values in branches of a conditional are not counted,
    /// because the conditional may exist to avoid them.
    package private(set) var badValues = 0
    /// Those since `takeBad`.
    private var bad: [BadValues] = []
    /// The expression as typed.
    let text: String

    /// The number of rows in a block, small enough for intermediate columns to stay in the first-level cache.
    static let block = 512

    /// Binds `expression`.
    ///
    /// - Parameter zone: the time zone of the calendar functions, and of times without a zone.
    /// - Parameter year: the year of times without one.
    /// - Parameter aggregate: returns the column of an aggregate; nil if there is none, which is an error.
    /// - Parameter resolve: returns the column of a field; nil if there is none, which is an error.
    package init(
        _ expression: Expression, zone: ZoneOffsets, year: Int64? = nil,
        aggregate: (AggregateCall) -> Int? = { _ in nil }, resolve: (FieldPath) -> Int?
    ) throws(ExpressionError) {
        var compiler = ProgramCompiler(source: expression.source, zone: zone, year: year)
        let result = try compiler.compile(expression.syntax, counted: true, resolve, aggregate)
        self.init(compiler, result, expression.text)
    }

    private init(_ compiler: consuming ProgramCompiler, _ result: Operand, _ text: String) {
        self.text = text
        code = compiler.code
        self.result = result
        registers = .allocate(capacity: max(1, compiler.registerCount) * Self.block)
        registers.initialize(repeating: .null, count: max(1, compiler.registerCount) * Self.block)
        constants = .allocate(capacity: max(1, compiler.constants.count) * Self.block)
        for (index, value) in compiler.constants.enumerated() {
            (constants + index * Self.block).initialize(repeating: value, count: Self.block)
        }
        inputs = .allocate(capacity: max(1, code.reduce(0) { max($0, $1.inputs.count) }))
        constantText = compiler.arena
        kernels = compiler.kernels
    }

    deinit {
        registers.deallocate()
        constants.deallocate()
        inputs.deallocate()
    }

    /// The times that belong to the records, microseconds since 1970.
    ///
    /// - Parameter written: when they were written: times without a year are the latest ones before it.
    /// - Parameter read: when they were read, for `now()`.
    package mutating func setTimes(written: Int64, read: Int64) {
        kernels.time.written = written
        kernels.time.read = read
    }

    /// Computes the expression for rows `0..<rows` and stores the values in `column`, which may be an input column.
    ///
    /// Text in the result is borrowed from the input columns, from `arena` or from this program.
    package mutating func evaluate(
        over columns: inout ColumnSet, rows: Int, into column: Int, arena: inout ByteArena
    ) {
        let out = columns[column]
        var start = 0
        while start < rows {
            let count = min(Self.block, rows &- start)
            let last = run(&columns, from: start, count, into: out + start, &arena)
            if last != UnsafePointer(out + start) { (out + start).update(from: last, count: count) }
            start &+= count
        }
    }

    /// Sets `keep` to false in rows for which the expression is not true; leaves other rows unchanged.
    package mutating func select(
        over columns: inout ColumnSet, rows: Int, arena: inout ByteArena, keep: UnsafeMutablePointer<Bool>
    ) {
        var start = 0
        while start < rows {
            let count = min(Self.block, rows &- start)
            let values = run(&columns, from: start, count, into: nil, &arena)
            let block = keep + start
            // No branch: it would be hard to predict.
            for row in 0..<count { block[row] = values[row].kind == .true ? block[row] : false }
            start &+= count
        }
    }

    /// Executes the operations for one block; the last one writes to `out` if given. Returns the address of the result.
    private mutating func run(
        _ columns: inout ColumnSet, from start: Int, _ count: Int, into out: UnsafeMutablePointer<Value>?,
        _ arena: inout ByteArena
    ) -> UnsafePointer<Value> {
        for index in code.indices {
            let inputCount = code[index].inputs.count
            for position in 0..<inputCount {
                inputs[position] = address(code[index].inputs[position], &columns, start)
            }
            let isLast = index == code.count - 1
            let target = isLast ? out ?? register(code[index].output) : register(code[index].output)
            let bad = kernels.run(code[index], Columns(base: inputs, count: inputCount), target, count, &arena)
            if bad > 0, code[index].counted {
                note(bad, code[index].operation.badKind, Columns(base: inputs, count: inputCount), from: start, count)
            }
            if isLast { return UnsafePointer(target) }
        }
        return address(result, &columns, start)
    }

    /// Counts bad values of a block, and keeps the first one that is found. The inputs have the values of rows from
    /// `start` on.
    @inline(never) private mutating func note(
        _ count: Int, _ kind: BadValueKind, _ inputs: Columns, from start: Int, _ rows: Int
    ) {
        badValues &+= count
        let first = kernels.firstUnreadable ?? Self.firstBadNumber(inputs, rows)
        bad.note(
            BadValues(kind: kind, count: count, first: first.map { (start &+ $0.row, $0.value) }, expression: text))
    }

    private static func firstBadNumber(_ inputs: Columns, _ rows: Int) -> (row: Int, value: Value)? {
        for row in 0..<rows {
            var found: Value?
            for input in 0..<inputs.count where NumericValue.isBad(inputs[input][row]) {
                // Beside a time, the other value is the reason.
                if found == nil || found?.kind == .time { found = inputs[input][row] }
            }
            if let found { return (row, found) }
        }
        return nil
    }

    /// Moves the bad values since the last call to `list`.
    mutating func takeBad(into list: inout [BadValues]) {
        for values in bad { list.note(values) }
        bad.removeAll(keepingCapacity: true)
    }

    private func register(_ index: Int) -> UnsafeMutablePointer<Value> { registers + index * Self.block }

    private func address(_ operand: Operand, _ columns: inout ColumnSet, _ start: Int) -> UnsafePointer<Value> {
        switch operand {
        case .column(let column): UnsafePointer(columns[column] + start)
        case .register(let index): UnsafePointer(register(index))
        case .constant(let index): UnsafePointer(constants + index * Self.block)
        }
    }
}

/// An input of an operation.
enum Operand {
    case column(Int)
    case register(Int)
    /// The same value in every row.
    case constant(Int)

    var isConstant: Bool { if case .constant = self { true } else { false } }
}

struct Instruction {
    var operation: Operation
    var inputs: [Operand]
    /// The register of the result.
    var output = 0
    /// Whether the last input is the same in every row.
    var lastIsConstant = false
    /// Whether non-numeric values are counted.
    var counted = false
    /// The index of its regular expression or time reader in the kernels.
    var machine = 0
}
