/// Executes the operations of a program, each as one loop over the rows.
struct Kernels: ~Copyable {
    private var text = TextKernels()
    var time: TimeKernels
    private var searches: [LazyDFA] = []
    private var captures: [PikeVM] = []
    private var replacers: [RegexReplacer] = []
    private var documents: [JSONPathReader] = []
    private var readers: [TimeReader] = []
    /// The first value that the last operation could not read, with its row in the block.
    private(set) var firstUnreadable: (row: Int, value: Value)?

    init(zone: ZoneOffsets, year: Int64?) { time = TimeKernels(zone: zone, year: year) }

    /// Builds what an operation needs besides its arguments. Returns its index.
    mutating func prepare(_ operation: Operation) throws(RegexError) -> Int {
        switch operation {
        case .matches(let pattern):
            searches.append(try LazyDFA(pattern))
            return searches.count - 1
        case .extract(let pattern, let group):
            captures.append(try PikeVM(pattern, group: group))
            return captures.count - 1
        case .replaceMatches(let pattern, let replacement):
            replacers.append(try RegexReplacer(pattern, replacement))
            return replacers.count - 1
        case .json(let path):
            documents.append(JSONPathReader(path))
            return documents.count - 1
        case .time(let format):
            readers.append(TimeReader(format, zone: time.zone, year: time.year))
            return readers.count - 1
        default: return 0
        }
    }

    /// Executes one operation for `count` rows. `out` may be one of the columns. Returns how many rows had a value that
    /// the operation cannot use.
    mutating func run(
        _ instruction: borrowing Instruction, _ columns: Columns, _ out: UnsafeMutablePointer<Value>, _ count: Int,
        _ arena: inout ByteArena
    ) -> Int {
        firstUnreadable = nil
        guard columns.count > 0 else {
            // Only `now` has no argument.
            for row in 0..<count { out[row] = time.read.map { Value(time: $0) } ?? .null }
            return 0
        }
        let a = columns[0]
        let b = columns[columns.count > 1 ? 1 : 0]
        let constant = instruction.lastIsConstant ? b[0] : nil
        switch instruction.operation {
        case .add: return Self.arithmetic(Add.self, a, b, constant, out, count)
        case .subtract: return Self.arithmetic(Subtract.self, a, b, constant, out, count)
        case .multiply: return Self.arithmetic(Multiply.self, a, b, constant, out, count)
        case .divide: return Self.arithmetic(Divide.self, a, b, constant, out, count)
        case .remainder: return Self.arithmetic(Remainder.self, a, b, constant, out, count)
        case .negate: return Self.negate(a, out, count)
        case .number(let function): return Self.number(function, columns, out, count)
        case .compare(let comparison):
            switch comparison {
            case .equal: Self.compare(Equal.self, a, b, constant, out, count, time.zone)
            case .notEqual: Self.compare(NotEqual.self, a, b, constant, out, count, time.zone)
            case .less: Self.compare(Less.self, a, b, constant, out, count, time.zone)
            case .lessOrEqual: Self.compare(LessOrEqual.self, a, b, constant, out, count, time.zone)
            case .greater: Self.compare(Greater.self, a, b, constant, out, count, time.zone)
            case .greaterOrEqual: Self.compare(GreaterOrEqual.self, a, b, constant, out, count, time.zone)
            }
        case .isIn: Logic.isIn(columns, out, count, time.zone)
        case .and: for row in 0..<count { out[row] = Logic.and(a[row], b[row]) }
        case .or: for row in 0..<count { out[row] = Logic.or(a[row], b[row]) }
        case .not: for row in 0..<count { out[row] = Logic.not(a[row]) }
        case .isNull: for row in 0..<count { out[row] = Value(a[row].isNull) }
        case .choose:
            let otherwise = columns[columns.count - 1]
            for row in 0..<count { out[row] = a[row].kind == .true ? b[row] : otherwise[row] }
        case .coalesce: Logic.coalesce(columns, out, count)
        case .least: Logic.extreme(columns, least: true, out, count, time.zone)
        case .greatest: Logic.extreme(columns, least: false, out, count, time.zone)
        case .type: for row in 0..<count { out[row] = Logic.type(a[row]) }
        case .matches: match(searches[instruction.machine], a, out, count, &arena)
        case .extract: extract(captures[instruction.machine], a, out, count, &arena)
        case .replaceMatches:
            for row in 0..<count {
                let value = text.text(a[row], &arena)
                out[row] = value.isNull ? .null : replacers[instruction.machine].replace(in: value, &arena)
            }
        case .text(let function):
            for row in 0..<count { out[row] = text.apply(function, columns, row, &arena, time.zone) }
        case .url(let function):
            for row in 0..<count { out[row] = url(function, columns, row, &arena) }
        case .read(let function): return convert(a, out, count) { function.read($1, &arena) }
        case .json:
            let document = documents[instruction.machine]
            return convert(a, out, count) { document.value($1, &arena) }
        case .list(let function):
            let separators = columns.count > 1 ? columns[1] : nil
            return convert(a, out, count) {
                NumberList.apply(function, $1, separators?[$0], &arena)
            }
        case .time:
            for row in 0..<count {
                out[row] = time.time(a[row], &readers[instruction.machine]).map { Value(time: $0) } ?? .null
            }
        case .epoch: for row in 0..<count { out[row] = time.epoch(a[row]) }
        case .formatTime(let pattern): for row in 0..<count { out[row] = time.format(a[row], pattern, &arena) }
        case .floorTime(let size): for row in 0..<count { out[row] = time.floor(a[row], size) }
        case .timePart(let part): for row in 0..<count { out[row] = time.part(a[row], part) }
        case .now: break
        }
        return 0
    }

    private static func arithmetic<Rule: Arithmetic>(
        _ rule: Rule.Type, _ a: UnsafePointer<Value>, _ b: UnsafePointer<Value>, _ constant: Value?,
        _ out: UnsafeMutablePointer<Value>, _ count: Int
    ) -> Int {
        if let constant { rule.run(a, constant: constant, out, count) } else { rule.run(a, b, out, count) }
    }

    private static func compare<Rule: ComparisonRule>(
        _ rule: Rule.Type, _ a: UnsafePointer<Value>, _ b: UnsafePointer<Value>, _ constant: Value?,
        _ out: UnsafeMutablePointer<Value>, _ count: Int, _ zone: ZoneOffsets
    ) {
        if let constant { rule.run(a, constant: constant, out, count, zone) } else { rule.run(a, b, out, count, zone) }
    }

    private static func negate(_ a: UnsafePointer<Value>, _ out: UnsafeMutablePointer<Value>, _ count: Int) -> Int {
        var bad = 0
        for row in 0..<count {
            let number = Numbers.operand(a[row])
            switch number.kind {
            case .integer: out[row] = Subtract.integers(0, number.integer)
            case .double: out[row] = Value(-number.double)
            default:
                bad &+= number.kind == .missing ? 1 : 0
                out[row] = .null
            }
        }
        return bad
    }

    private static func number(
        _ function: NumberFunction, _ columns: Columns, _ out: UnsafeMutablePointer<Value>, _ count: Int
    ) -> Int {
        var bad = 0
        for row in 0..<count {
            let value = columns[0][row]
            let result =
                function == .round && columns.count > 1
                ? Numbers.round(value, digits: columns[1][row]) : Numbers.apply(function, value)
            bad &+= result.kind == .missing ? 1 : 0
            out[row] = result.kind == .missing ? .null : result
        }
        return bad
    }

    private mutating func url(
        _ function: URLFunction, _ columns: Columns, _ row: Int, _ arena: inout ByteArena
    ) -> Value {
        let value = text.text(columns[0][row], &arena)
        if value.isNull { return .null }
        switch function {
        case .host: return URLParts.host(of: value.bytes, &arena)
        case .path: return URLParts.path(of: value.bytes)
        case .parameter:
            let name = text.text(columns[1][row], &arena)
            return name.isNull ? .null : URLParts.parameter(name.bytes, of: value.bytes, &arena)
        }
    }

    /// Computes a function that gives `missing` for a value that it cannot use. Returns how many there are.
    @inline(__always) private mutating func convert(
        _ a: UnsafePointer<Value>, _ out: UnsafeMutablePointer<Value>, _ count: Int,
        _ function: (_ row: Int, _ value: Value) -> Value
    ) -> Int {
        var bad = 0
        for row in 0..<count {
            let value = a[row]
            let result = value.isNull ? .null : function(row, value)
            if result.kind == .missing {
                if bad == 0 { firstUnreadable = (row, value) }
                bad &+= 1
            }
            out[row] = result.kind == .missing ? .null : result
        }
        return bad
    }

    private mutating func match(
        _ search: LazyDFA, _ a: UnsafePointer<Value>, _ out: UnsafeMutablePointer<Value>, _ count: Int,
        _ arena: inout ByteArena
    ) {
        for row in 0..<count {
            let value = text.text(a[row], &arena)
            out[row] = value.isNull ? .null : Value(search.matches(value.bytes))
        }
    }

    private mutating func extract(
        _ capture: PikeVM, _ a: UnsafePointer<Value>, _ out: UnsafeMutablePointer<Value>, _ count: Int,
        _ arena: inout ByteArena
    ) {
        for row in 0..<count {
            let value = text.text(a[row], &arena)
            guard !value.isNull, let range = capture.find(in: value.bytes) else {
                out[row] = .null
                continue
            }
            out[row] = Value(UnsafeRawBufferPointer(rebasing: value.bytes[range]))
        }
    }
}
