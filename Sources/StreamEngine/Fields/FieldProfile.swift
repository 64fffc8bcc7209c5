/// What is known about one field of an input.
package struct FieldProfile: Sendable {
    /// The kinds of JSON values.
    package enum Form: Int, Sendable, CaseIterable {
        case null, boolean, integer, number, string, array, object
    }

    /// Distinct values beyond this number are not kept.
    static let mostExamples = 32
    /// Longer texts are cut, bytes.
    static let longestExample = 48

    /// As it is written in an option, with quotes where the name needs them.
    package let path: String
    /// 1 for a member of the record itself.
    package let depth: Int
    /// Records in which it is not null.
    package private(set) var count = 0
    private var forms = [Int](repeating: 0, count: Form.allCases.count)
    /// Values that are numbers, including numbers in text, with the smallest and the largest.
    private var numberCount = 0
    private var numbers: (least: Double, greatest: Double) = (.infinity, -.infinity)
    /// Distinct values in the order of their first occurrence, with the times they occurred while there were few.
    package private(set) var examples: [(text: String, count: Int)] = []
    /// Whether there are more distinct values.
    package private(set) var hasMoreExamples = false
    /// The values read as times; for numbers, by their size.
    package private(set) var times = TimeOrder()
    private var textTimes = 0
    /// The number of the last record that had the field: one that has it twice counts once.
    private var lastRecord = 0

    init(path: String, depth: Int) {
        self.path = path
        self.depth = depth
    }

    mutating func note(_ form: Form, in record: Int) {
        forms[form.rawValue] += 1
        guard form != .null, lastRecord != record else { return }
        lastRecord = record
        count += 1
    }

    /// Looks at a value that is neither null, array nor object.
    mutating func take(_ value: Value, _ reader: inout TimeReader, in record: Int) {
        switch value.kind {
        case .true, .false: note(.boolean, in: record)
        case .string: note(.string, in: record)
        case .integer, .digits: note(.integer, in: record)
        default: note(.number, in: record)
        }
        let number = value.kind == .string ? JSONNumber.parseWhole(value.bytes) : value
        if let double = number.flatMap(Self.double) {
            numberCount += 1
            numbers = (min(numbers.least, double), max(numbers.greatest, double))
        }
        takeTime(value, number, &reader)
        keep(value)
    }

    private static func double(_ value: Value) -> Double? {
        switch value.kind {
        case .integer: Double(value.integer)
        case .double: value.double
        default: nil
        }
    }

    private mutating func takeTime(_ value: Value, _ number: Value?, _ reader: inout TimeReader) {
        guard value.kind != .true, value.kind != .false else { return }
        if let number, number.isNumber {
            // A number is taken for a time between 2001 and 2100.
            guard let time = EpochUnit.guess(number).time(number),
                (978_307_200_000_000...4_102_444_800_000_000).contains(time)
            else { return }
            times.take(time)
        } else if case .time(let time) = reader.read(value) {
            textTimes += 1
            times.take(time)
        }
    }

    private mutating func keep(_ value: Value) {
        // What has many values is not described by some of them.
        guard !hasMoreExamples else { return }
        var buffer = ByteBuffer(capacity: 64)
        if value.kind == .string {
            let text = value.bytes
            var end = min(text.count, Self.longestExample)
            while end > 0, end < text.count, text[end] & 0xc0 == 0x80 { end -= 1 }
            buffer.append(printable: UnsafeRawBufferPointer(rebasing: text[..<end]), invisible: false)
            if end < text.count { buffer.append("..." as StaticString) }
        } else {
            buffer.append(json: value)
        }
        let text = buffer.text
        if let known = examples.firstIndex(where: { $0.text.utf8.elementsEqual(text.utf8) }) {
            examples[known].count += 1
        } else if examples.count < Self.mostExamples {
            examples.append((text, 1))
        } else {
            hasMoreExamples = true
        }
    }

    // MARK: Findings

    /// The scalar values.
    private var scalarCount: Int { count(.boolean) + count(.integer) + count(.number) + count(.string) }

    package func count(_ form: Form) -> Int { forms[form.rawValue] }

    /// Whether all values are numbers, or text that is one.
    package var isNumeric: Bool { numberCount > 0 && numberCount == scalarCount && holdsOnlyScalars }

    package var isNumberInText: Bool { isNumeric && count(.string) > 0 }

    /// The smallest and the largest number.
    package var range: (least: Double, greatest: Double)? { isNumeric ? numbers : nil }

    private var holdsOnlyScalars: Bool { count(.array) == 0 && count(.object) == 0 }

    /// Whether all values are times: text in a form of times or, if the name or the order of the values agrees, numbers.
    package var isTime: Bool {
        guard times.count > 0, times.count == scalarCount, holdsOnlyScalars else { return false }
        if textTimes == times.count { return true }
        let name = path.lowercased()
        let soundsLikeTime = ["time", "date", "ts", "_at", "stamp", "epoch", "when"].contains {
            name.hasSuffix($0) || name.hasPrefix($0)
        }
        return soundsLikeTime || name.contains("time") || name == "t" || name == "at"
            || (times.count >= 10 && times.isMostlyInOrder && hasMoreExamples)
    }

    /// The kinds of its values in a few words.
    package var kind: String {
        if isTime { return count(.string) > 0 && textTimes == times.count ? "time" : "time (number)" }
        if isNumberInText, count(.string) == scalarCount { return "number in text" }
        let names = ["null", "boolean", "integer", "number", "text", "array", "object"]
        var found = Form.allCases.filter { count($0) > 0 && $0 != .null }
        if found.contains(.number) { found.removeAll { $0 == .integer } }
        if found.isEmpty { return "null" }
        return found.map { names[$0.rawValue] }.joined(separator: " or ")
    }

    /// Whether it has few enough different values to group by.
    package var isGroup: Bool {
        guard !isTime, holdsOnlyScalars, scalarCount > 0, count(.number) == 0, !hasMoreExamples else { return false }
        // An identifier has a new value in almost each record.
        let distinct = examples.count
        return distinct < scalarCount && (distinct <= 16 || distinct * 2 <= scalarCount)
    }

    // MARK: Paths

    /// The path of a member, written as options read it.
    static func path(_ name: [UInt8], below parent: String?) -> String {
        let text = String(decoding: name, as: UTF8.self)
        let isPlain =
            !name.isEmpty && name.allSatisfy { FieldPath.isNameByte($0) || $0 == UInt8(ascii: "-") }
            && SourceColumn(rawValue: text) == nil && text != "@arrival"
        // A dot in a name of the record itself needs no quotes: the name is tried before the path.
        let isDotted =
            parent == nil && text.contains(".")
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { FieldPath.isNameByte($0) || $0 == UInt8(ascii: "-") }
            }
        let written =
            isPlain || isDotted
            ? text : "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        return parent.map { "\($0).\(written)" } ?? written
    }
}

/// Times in the order of their records.
package struct TimeOrder: Sendable {
    package private(set) var count = 0
    /// Microseconds since 1970.
    package private(set) var earliest = Int64.max
    package private(set) var latest = Int64.min
    /// Times that are before a time that came earlier, and by how much at most, microseconds.
    package private(set) var disorderedCount = 0
    package private(set) var worstDisorder: Int64 = 0

    mutating func take(_ time: Int64) {
        count += 1
        if time < latest {
            disorderedCount += 1
            worstDisorder = max(worstDisorder, latest &- time)
        }
        earliest = min(earliest, time)
        latest = max(latest, time)
    }

    var isMostlyInOrder: Bool { disorderedCount * 4 <= count && latest > earliest }
}
