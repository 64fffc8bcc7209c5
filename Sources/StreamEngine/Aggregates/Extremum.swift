/// The state of `min` and `max`: over the numbers of the group if it has any, else bytewise over its strings.
///
/// Numbers compare exactly, integers with doubles too. Times are numbers here and stay times. Of equal numbers an
/// integer wins over a double, and a number over a time, so that the order of arrival does not show.
struct Extremum<End: OrderEnd>: Accumulator {
    /// The best number or time; null before the first one.
    private var number: Value = .null
    /// The best string, while there is no number.
    private var text: [UInt8]?

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool { update(arguments.first[row]) }

    /// Takes in one value. False: it was no number where one is due, and was skipped.
    @inline(__always)
    mutating func update(_ value: Value) -> Bool {
        if value.kind == number.kind {
            if value.kind == .double {
                // Zero added makes -0.0 a 0.0.
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

    /// The best number is a double.
    @inline(__always) var holdsDouble: Bool { number.kind == .double }

    /// Takes in a double that is not -0.0, when the best number is a double.
    @inline(__always) mutating func take(double new: Double) {
        if End.isLower ? new < number.double : new > number.double { number.bits = new.bitPattern }
    }

    @inline(never) private mutating func updateUnusual(_ value: Value) -> Bool {
        switch value.kind {
        case .missing, .null: return true
        case .integer, .time: take(value)
        case .double: take(Value(value.double + 0))
        case .string, .digits:
            if let parsed = NumericValue.parsed(value.bytes) {
                take(parsed.kind == .double ? Value(parsed.double + 0) : parsed)
            } else if value.kind == .string && number.isNull {
                take(text: value.bytes)
            }
        default: return false
        }
        return true
    }

    private mutating func take(_ value: Value) {
        if number.isNull {
            number = value
            text = nil
            return
        }
        let order = KeyCoding.compareNumbers(value, number)
        if order == 0 {
            if Extremum.preference(value.kind) < Extremum.preference(number.kind) { number = value }
        } else if End.isLower == (order < 0) {
            number = value
        }
    }

    private mutating func take(text new: UnsafeRawBufferPointer) {
        if let text {
            let order = text.withUnsafeBytes { compareBytes(new, $0) }
            guard order != 0, End.isLower == (order < 0) else { return }
        }
        text = [UInt8](new)
    }

    private static func preference(_ kind: Kind) -> Int { kind == .integer ? 0 : (kind == .double ? 1 : 2) }

    mutating func merge(_ other: borrowing Extremum) {
        if !other.number.isNull {
            take(other.number)
        } else if number.isNull, let theirs = other.text {
            theirs.withUnsafeBytes { take(text: $0) }
        }
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        guard number.isNull, let text else { return number }
        return text.withUnsafeBytes { Value(arena.copy($0)) }
    }
}

/// The end of an order that a function keeps.
protocol OrderEnd {
    static var isLower: Bool { get }
}

enum Lower: OrderEnd { static var isLower: Bool { true } }
enum Upper: OrderEnd { static var isLower: Bool { false } }
