/// Sum, minimum, maximum and average of the numbers in one value: an array, or a string such as nginx's upstream times
/// `0.010, 0.020 : -`.
enum NumberList {
    /// What is known of the numbers so far.
    private struct State {
        let function: ListFunction
        var sum = Sum()
        var extreme = Value.null

        init(_ function: ListFunction) { self.function = function }

        /// Adds an element; nothing is added for null. Returns false if it is not a number.
        mutating func add(_ element: Value) -> Bool {
            if element.isNull { return true }
            let exact = element.kind == .string ? NumericValue.exact(element.bytes) ?? .missing : element
            let number = NumericValue.of(exact)
            if number.kind != .integer && number.kind != .double { return false }
            switch function {
            case .sum, .avg: sum.add(number)
            case .min, .max:
                let value = exact.isNumber ? exact : number
                if extreme.isNull || (KeyCoding.compareNumbers(value, extreme) < 0) == (function == .min) {
                    extreme = value
                }
            }
            return true
        }

        /// Adds an element that is text. Nothing and `-` stand for no number.
        mutating func add(text: UnsafeRawBufferPointer) -> Bool {
            var start = 0, end = text.count
            while start < end, Ascii.isSpace(text[start]) { start &+= 1 }
            while start < end, Ascii.isSpace(text[end &- 1]) { end &-= 1 }
            if start == end || end == start &+ 1 && text[start] == Ascii.minus { return true }
            return add(Value(UnsafeRawBufferPointer(rebasing: text[start..<end])))
        }

        func result(_ arena: inout ByteArena) -> Value {
            switch function {
            case .sum: sum.count > 0 ? sum.total(&arena) : .null
            case .avg: sum.mean
            case .min, .max: extreme
            }
        }
    }

    /// The result; null without numbers, `missing` if an element is not a number.
    ///
    /// - Parameter separator: the text between two elements of a string; nil for commas, semicolons, colons and white
    ///   space. If it is not text, the result is null.
    static func apply(
        _ function: ListFunction, _ value: Value, _ separator: Value?, _ arena: inout ByteArena
    ) -> Value {
        if let separator, separator.kind != .string { return .null }
        var state = State(function)
        let areNumbers =
            switch value.kind {
            case .json: add(array: value.bytes, to: &state, &arena)
            case .string:
                if let separator, separator.length > 0 {
                    add(value.bytes, separatedBy: separator.bytes, to: &state)
                } else {
                    add(value.bytes, to: &state)
                }
            case .time: false
            default: state.add(value)
            }
        return areNumbers ? state.result(&arena) : .missing
    }

    private static func add(array: UnsafeRawBufferPointer, to state: inout State, _ arena: inout ByteArena) -> Bool {
        guard array.first == UInt8(ascii: "[") else { return false }
        var items = JSONItems(array)
        while let text = items.next() {
            let item = JSONItems.value(text, &arena)
            guard item.kind == .string ? state.add(text: item.bytes) : state.add(item) else { return false }
        }
        return true
    }

    private static func add(_ text: UnsafeRawBufferPointer, to state: inout State) -> Bool {
        var start = 0
        for place in 0...text.count where place == text.count || isSeparator(text[place]) {
            guard state.add(text: UnsafeRawBufferPointer(rebasing: text[start..<place])) else { return false }
            start = place &+ 1
        }
        return true
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == Ascii.comma || byte == UInt8(ascii: ";") || byte == Ascii.colon || Ascii.isSpace(byte)
    }

    private static func add(
        _ text: UnsafeRawBufferPointer, separatedBy separator: UnsafeRawBufferPointer, to state: inout State
    ) -> Bool {
        var start = 0
        while true {
            let place = findBytes(separator, in: text, from: start)
            let end = place < 0 ? text.count : place
            guard state.add(text: UnsafeRawBufferPointer(rebasing: text[start..<end])) else { return false }
            guard place >= 0 else { return true }
            start = place &+ separator.count
        }
    }
}
