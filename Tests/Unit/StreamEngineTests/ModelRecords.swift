@testable import StreamEngine

/// A value of a record of the model, with the text it is written as.
enum ModelValue {
    case missing, null
    case boolean(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)

    var json: String {
        switch self {
        case .missing, .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let text): quoted(text)
        }
    }

    var isNull: Bool {
        switch self {
        case .missing, .null: true
        default: false
        }
    }

    /// What group keys and distinct values are compared by: kind, number, text. Sorts like the rows.
    var key: ModelKey {
        switch self {
        case .missing, .null: ModelKey(rank: 0)
        case .boolean(let value): ModelKey(rank: value ? 2 : 1)
        case .integer(let value): ModelKey(rank: 3, number: Double(value))
        case .double(let value): ModelKey(rank: 3, number: value)
        case .string(let text): ModelKey(rank: 4, text: Array(text.utf8))
        }
    }

    /// As a number: itself, or a string that is one (the generator's strings that begin with a digit are).
    var number: ModelValue? {
        switch self {
        case .integer, .double: self
        case .string(let text): Int64(text).map { .integer($0) } ?? Double(text).map { .double($0) }
        default: nil
        }
    }

    var asDouble: Double {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: 0
        }
    }
}

struct ModelKey: Hashable, Comparable {
    var rank: Int
    var number = 0.0
    var text: [UInt8] = []

    static func < (left: ModelKey, right: ModelKey) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        if left.number != right.number { return left.number < right.number }
        return left.text.lexicographicallyPrecedes(right.text)
    }

    /// Whole numbers come out as integers, however they were written.
    var json: String {
        switch rank {
        case 0: "null"
        case 1: "false"
        case 2: "true"
        case 3: Int64(exactly: number).map { "\($0)" } ?? "\(number)"
        default: quoted(String(decoding: text, as: UTF8.self))
        }
    }
}

func quoted(_ text: String) -> String {
    var result = "\""
    for character in text.unicodeScalars {
        switch character {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        default: result.unicodeScalars.append(character)
        }
    }
    return result + "\""
}

/// One line of an input, and what it means.
struct ModelRecord {
    var line: String
    var isMalformed = false
    /// nil: no usable event time.
    var time: Int64?
    var isFiltered = false
    var keys: [ModelValue] = []
    var value = ModelValue.missing

    /// A random record: about one in forty has no time, is malformed or is to be filtered out.
    static func random(at time: Int64, hasTime: Bool, keyCount: Int, _ random: inout SeededGenerator) -> ModelRecord {
        var record = ModelRecord(line: "", time: time)
        var members: [String] = []
        if hasTime {
            if Int.random(in: 0..<40, using: &random) == 0 {
                record.time = nil
                let bad = ["", "\"t\":null", "\"t\":\"yesterday\"", "\"t\":true", "\"t\":[1]", "\"t\":1e300"]
                members.append(bad.randomElement(using: &random) ?? "")
            } else {
                members.append(Bool.random(using: &random) ? "\"t\":\(time)" : "\"t\":\"\(time)\"")
            }
        }
        for number in 0..<keyCount {
            let (value, text) = randomKey(&random)
            record.keys.append(value)
            if let text { members.append("\"k\(number)\":\(text)") }
        }
        let (value, text) = randomValue(&random)
        record.value = value
        if let text { members.append("\"v\":\(text)") }
        if Int.random(in: 0..<40, using: &random) == 0 {
            record.isFiltered = true
            members.append("\"f\":1")
        }
        members.shuffle(using: &random)
        record.line = "{" + members.filter { !$0.isEmpty }.joined(separator: ",") + "}"
        if Int.random(in: 0..<40, using: &random) == 0 {
            record.isMalformed = true
            record.line =
                ["{\"t\":1", "[]", "{\"t\":01}", record.line + "x", "{\"v\":\"\\q\"}"].randomElement(using: &random)
                ?? ""
        }
        return record
    }

    private static func randomKey(_ random: inout SeededGenerator) -> (ModelValue, String?) {
        switch Int.random(in: 0..<16, using: &random) {
        case 0: (.missing, nil)
        case 1: (.null, "null")
        case 2: (.boolean(true), "true")
        case 3: (.boolean(false), "false")
        case 4: (.double(1), "1.0")
        case 5: (.double(1), "1e0")
        case 6: (.integer(1), "1")
        case 7: (.integer(-2), "-2")
        case 8: (.double(1.5), "1.5")
        case 9: (.string("1"), "\"1\"")
        case 10: (.string("\u{e9}"), "\"\\u00e9\"")
        case 11: (.string("e\u{301}"), "\"e\u{301}\"")
        case 12: (.string(""), "\"\"")
        case 13:
            // Beyond the sixteen bytes that fit into a slot of the table, equal at the beginning.
            (.string("a key that is long"), "\"a key that is long\"")
        case 14: (.string("a key that is long too"), "\"a key that is long too\"")
        default: (.string("a"), "\"\\u0061\"")
        }
    }

    private static func randomValue(_ random: inout SeededGenerator) -> (ModelValue, String?) {
        switch Int.random(in: 0..<14, using: &random) {
        case 0: return (.missing, nil)
        case 1: return (.null, "null")
        case 2: return (.boolean(true), "true")
        case 3: return (.string("x"), "\"x\"")
        case 4: return (.string("w y"), "\"w\\u0020y\"")
        case 5:
            let number = Int64.random(in: -9...9, using: &random)
            return (.string("\(number)"), "\"\(number)\"")
        case 6, 7:
            // Binary fractions: sums of them are exact in any order.
            let number = Double(Int.random(in: -40...40, using: &random)) / 8
            return (.double(number == 0 ? 0 : number), "\(number == 0 ? 0.0 : number)")
        case 8: return (.double(2), "2.0")
        default:
            let number = Int64.random(in: -5...5, using: &random)
            return (.integer(number), "\(number)")
        }
    }
}

/// The values of one group in one window, in the order of their arrival.
struct ModelState {
    private var values: [(value: ModelValue, time: Int64, order: Int)] = []

    mutating func add(_ value: ModelValue, time: Int64, order: Int) { values.append((value, time, order)) }

    mutating func merge(_ other: ModelState) {
        values += other.values
        values.sort { $0.order < $1.order }
    }

    /// As the columns of `ModelCase.aggregates`.
    var columns: [(name: String, json: String)] {
        let present = values.filter { !$0.value.isNull }
        let numbers = present.compactMap(\.value.number)
        // To sum and avg, true is 1 and false 0.
        let addends = present.compactMap { item in
            if case .boolean(let isTrue) = item.value { ModelValue.integer(isTrue ? 1 : 0) } else { item.value.number }
        }
        let isWhole = addends.allSatisfy { if case .integer = $0 { true } else { false } }
        let total = addends.reduce(0) { $0 + $1.asDouble }
        let sum = addends.isEmpty ? "null" : (isWhole ? "\(Int64(total))" : "\(total + 0)")
        let average = addends.isEmpty ? "null" : "\(total / Double(addends.count))"
        let ordered = present.sorted { ($0.time, $0.order) < ($1.time, $1.order) }
        return [
            ("count", "\(values.count)"), ("count_v", "\(present.count)"), ("sum_v", sum), ("avg_v", average),
            ("min_v", extreme(numbers, present.map(\.value), isLeast: true)),
            ("max_v", extreme(numbers, present.map(\.value), isLeast: false)),
            ("first_v", ordered.first?.value.json ?? "null"), ("last_v", ordered.last?.value.json ?? "null"),
            ("distinct_v", "\(Set(present.map(\.value.key)).count)"),
        ]
    }

    private func extreme(_ numbers: [ModelValue], _ values: [ModelValue], isLeast: Bool) -> String {
        let sizes = numbers.map(\.asDouble)
        if let best = isLeast ? sizes.min() : sizes.max() {
            // Of equal numbers an integer wins over a double.
            let equal = numbers.filter { $0.asDouble == best }
            for case .integer(let value) in equal { return "\(value)" }
            return "\(best + 0)"
        }
        let texts = values.compactMap { if case .string(let text) = $0 { text } else { nil } }
        let sorted = texts.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        return (isLeast ? sorted.first : sorted.last).map(quoted) ?? "null"
    }
}
