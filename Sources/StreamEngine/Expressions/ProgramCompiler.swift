/// Compiles a syntax tree to operations on registers.
struct ProgramCompiler: ~Copyable {
    private(set) var code: [Instruction] = []
    private(set) var constants: [Value] = []
    private(set) var registerCount = 0
    private var free: [Int] = []
    private let source: String
    /// Holds the text of the constants.
    private(set) var arena = ByteArena()
    private(set) var kernels: Kernels

    init(source: String, zone: ZoneOffsets, year: Int64?) {
        self.source = source
        kernels = Kernels(zone: zone, year: year)
    }

    /// Emits the operations of `syntax`. Returns where its value is.
    ///
    /// - Parameter counted: it is needed in every row, so its non-numeric values are counted.
    mutating func compile(
        _ syntax: Syntax, counted: Bool, _ resolve: (FieldPath) -> Int?, _ aggregate: (AggregateCall) -> Int?
    ) throws(ExpressionError) -> Operand {
        switch syntax {
        case .literal(let literal): return constant(value(of: literal))
        case .field(let path, let offset):
            guard let column = resolve(path) else {
                throw ExpressionError(reason: "unknown column '\(path.text)'", offset: offset, text: source)
            }
            return .column(column)
        case .aggregate(let call):
            guard let column = aggregate(call) else {
                throw ExpressionError(reason: "unexpected aggregate '\(call.text)'", offset: 0, text: source)
            }
            return .column(column)
        case .apply(let operation, let arguments):
            var inputs: [Operand] = []
            for (position, argument) in arguments.enumerated() {
                let always = counted && (position == 0 || !operation.skipsArguments)
                inputs.append(try compile(argument, counted: always, resolve, aggregate))
            }
            return try emit(operation, inputs, counted: counted)
        }
    }

    private mutating func value(of literal: Literal) -> Value {
        switch literal {
        case .null: .null
        case .boolean(let boolean): Value(boolean)
        case .integer(let integer): Value(integer)
        case .double(let double): Value(double)
        case .digits(let bytes): bytes.withUnsafeBytes { Value(arena.copy($0), kind: .digits) }
        case .string(let bytes): bytes.withUnsafeBytes { Value(arena.copy($0)) }
        }
    }

    private mutating func constant(_ value: Value) -> Operand {
        constants.append(value)
        return .constant(constants.count - 1)
    }

    private mutating func emit(
        _ given: Operation, _ givenInputs: [Operand], counted: Bool
    ) throws(ExpressionError) -> Operand {
        var operation = given
        var inputs = givenInputs
        // Constants go to the right, where the fast loops expect them.
        if inputs.count == 2, inputs[0].isConstant, !inputs[1].isConstant, let mirrored = operation.mirrored {
            operation = mirrored
            inputs.swapAt(0, 1)
        }
        var instruction = Instruction(operation: operation, inputs: inputs, counted: counted)
        instruction.lastIsConstant = inputs.last?.isConstant ?? false
        do {
            instruction.machine = try kernels.prepare(operation)
        } catch {
            throw ExpressionError(reason: "regular expression: \(error.reason)", offset: 0, text: source)
        }
        if inputs.allSatisfy(\.isConstant), !operation.isVariable { return fold(instruction) }
        for case .register(let index) in inputs { free.append(index) }
        // Rows are read before they are written, so a result may reuse the register of an argument.
        if let index = free.popLast() {
            instruction.output = index
        } else {
            instruction.output = registerCount
            registerCount += 1
        }
        code.append(instruction)
        return .register(instruction.output)
    }

    /// Folds an operation on constants.
    private mutating func fold(_ instruction: Instruction) -> Operand {
        let count = instruction.inputs.count
        let cells = UnsafeMutablePointer<Value>.allocate(capacity: count + 1)
        let addresses = UnsafeMutablePointer<UnsafePointer<Value>>.allocate(capacity: count + 1)
        defer {
            cells.deallocate()
            addresses.deallocate()
        }
        cells.initialize(repeating: .null, count: count + 1)
        for (position, input) in instruction.inputs.enumerated() {
            if case .constant(let index) = input { cells[position] = constants[index] }
            (addresses + position).initialize(to: UnsafePointer(cells + position))
        }
        _ = kernels.run(instruction, Columns(base: addresses, count: count), cells + count, 1, &arena)
        return constant(cells[count])
    }
}

extension Operation {
    /// Whether the result depends on more than the arguments.
    var isVariable: Bool { if case .now = self { true } else { false } }

    /// Whether it may not need all arguments after the first.
    var skipsArguments: Bool {
        switch self {
        case .and, .or, .choose, .coalesce: true
        default: false
        }
    }
}
