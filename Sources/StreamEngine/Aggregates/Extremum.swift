/// The smallest or largest number of a group, or its first or last string (bytewise) if it has no numbers.
///
/// Numbers are compared exactly, including integers with doubles. Times count as numbers and remain times. Among equal
/// values, an integer is preferred to digits, these to a double, and a number to a time, so that arrival order does not
/// matter.
struct Extremum<End: OrderEnd>: Accumulator {
    /// The best number or time so far, or null. Its digits are in `text`.
    private var number: Value = .null
    /// The best string, until there is a number.
    private var text: OwnedText?

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool { update(arguments.first[row]) }

    /// Adds one value. Returns false if it was skipped because it is not numeric.
    @inline(__always)
    mutating func update(_ value: Value) -> Bool {
        if value.kind == number.kind {
            if value.kind == .double {
                // Adding zero turns -0.0 into 0.0.
                take(double: value.double + 0)
                return true
            }
            if value.kind == .integer {
                let new = value.integer, old = number.integer
                if End.isLower ? new < old : new > old { number.bits = value.bits }
                return true
            }
        }
        return updateUnusual(value)
    }

    /// Whether the best number is a double.
    @inline(__always) var holdsDouble: Bool { number.kind == .double }

    /// Adds a double other than -0.0 if the best number is a double.
    @inline(__always) mutating func take(double new: Double) {
        if End.isLower ? new < number.double : new > number.double { number.bits = new.bitPattern }
    }

    @inline(never) private mutating func updateUnusual(_ value: Value) -> Bool {
        // The first one of a group.
        if number.isNull, text == nil, value.kind == .double {
            number = Value(value.double + 0)
            return true
        }
        switch value.kind {
        case .missing, .null: return true
        case .integer, .time: take(value)
        case .double: take(Value(value.double + 0))
        case .string, .digits:
            if let exact = NumericValue.exact(value.bytes) {
                take(exact.kind == .double ? Value(exact.double + 0) : exact)
            } else if value.kind == .string && number.isNull {
                take(text: value.bytes)
            }
        default: return false
        }
        return true
    }

    private mutating func take(_ value: Value) {
        guard !number.isNull else { return hold(value) }
        let (order, kind) = withNumber { (KeyCoding.compareNumbers(value, $0), $0.kind) }
        if order == 0 {
            if Extremum.preference(value.kind) < Extremum.preference(kind) { hold(value) }
        } else if End.isLower == (order < 0) {
            hold(value)
        }
    }

    /// Holds a number, the digits in their one form.
    private mutating func hold(_ value: Value) {
        guard value.kind == .digits else {
            number = value
            text = nil
            return
        }
        withTypedBytes(value) { bytes in
            var offset = 0
            number = bytes.baseAddress.map { KeyCoding.read($0, at: &offset) } ?? .null
            if number.kind == .digits { keep(number.bytes) } else { text = nil }
        }
    }

    /// Copies digits to where those of the number before were.
    private mutating func keep(_ digits: UnsafeRawBufferPointer) {
        if text == nil { text = OwnedText(digits) } else { text?.set(digits) }
    }

    /// Calls `body` with the best number.
    private func withNumber<Result>(_ body: (Value) -> Result) -> Result {
        guard number.kind == .digits, let text else { return body(number) }
        return text.withBytes { body(Value($0, kind: .digits)) }
    }

    private mutating func take(text new: UnsafeRawBufferPointer) {
        if let text {
            let order = text.withBytes { compareBytes(new, $0) }
            guard order != 0, End.isLower == (order < 0) else { return }
        }
        if text == nil { text = OwnedText(new) } else { text?.set(new) }
    }

    var memoryBytes: Int { text?.memoryBytes ?? 0 }

    private static func preference(_ kind: Kind) -> Int {
        switch kind {
        case .integer: 0
        case .digits: 1
        case .double: 2
        default: 3
        }
    }

    mutating func merge(_ other: borrowing Extremum) {
        if !other.number.isNull {
            other.withNumber { take($0) }
        } else if number.isNull, let theirs = other.text {
            theirs.withBytes { take(text: $0) }
        }
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        guard let text else { return number }
        return text.withBytes { Value(arena.copy($0), kind: number.isNull ? .string : .digits) }
    }
}

/// Which end of an order a function keeps.
protocol OrderEnd {
    static var isLower: Bool { get }
}

enum Lower: OrderEnd { static var isLower: Bool { true } }
enum Upper: OrderEnd { static var isLower: Bool { false } }
