@testable import StreamEngine

private let samples: [OwnedValue] = [
    .null, .bool(true), .bool(false), .int(0), .int(1), .int(-7), .int(.max), .int(.min), .double(0.5), .double(-1e300),
    .double(9_007_199_254_740_992), .string(""), .string("ab"), .string("12"), .string("2026-01-31T12:00:00.5Z"),
    .string("é\u{1d11e}x"), .json("[1]"), .json("{\"a\":1}"), .time(1_769_860_800_000_000), .time(-1),
    // Text that functions read.
    .string("1m2.5s"), .string("PT1,5S"), .string("1 day, 2:03:04"), .string("1.5 KiB"), .string("0.010, - : 0.020"),
    .string("aGVsbG8="), .string("gP8"), .string("{\"a\":[1,{\"b\":NaN}],\"a.b\":\"\\u00e9\"}"), .string("{\"a\":"),
    .string("https://u@Example.com:80/a/1?b=%C3%A9+%ff&c#d"), .string("b=1&a"),
]

/// An expression gives the same value row by row and over whole columns, in parentheses and without, and from its own
/// text.
func checkExpressions(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    let first = Int(input.byte())
    let text = input.restText()
    _ = try? Expression.parseAggregates(text)
    if let selection = try? Expression.parseSelection(text) {
        for column in selection { _ = try? Expression.parse(column.expression.text) }
    }
    guard let expression = try? Expression.parse(text) else { return }
    let rows = (0..<5).map { row in
        var record: [String: OwnedValue] = [:]
        for (number, field) in expression.fields.enumerated() {
            record[field.text] = samples[(first + row * 7 + number * 11) % samples.count]
        }
        return record
    }
    guard let whole = try? evaluate(text, over: rows) else { return }
    var badValues = 0
    for (number, row) in rows.enumerated() {
        guard let one = try? evaluate(text, over: [row]) else { fail("a row alone is refused: \(text)") }
        expect(
            isSame(one.values[0], whole.values[number]),
            "row \(number) alone gives \(one.values[0]), in a column \(whole.values[number]): \(text)")
        expect(one.kept[0] == whole.kept[number], "row \(number) is kept alone or in a column, not in both: \(text)")
        expect(one.kept[0] == (one.values[0] == .bool(true)), "a row is kept that is not true: \(text)")
        badValues += one.badValues
    }
    expect(badValues == whole.badValues, "\(whole.badValues) bad values in columns, \(badValues) in rows: \(text)")
    for other in [expression.text, "(\(expression.text))"] {
        // One more level can be too deep.
        guard let result = try? evaluate(other, over: rows) else { continue }
        expect(zip(result.values, whole.values).allSatisfy(isSame), "\(other) gives another value than \(text)")
    }
    for field in expression.fields {
        guard let path = try? FieldPath.parse(field.text) else { fail("the field \(field.text) cannot be read again") }
        expect(path == field, "the field \(field.text) is read as \(path.text)")
    }
}

/// Equal, and -0.0 is not 0.0.
private func isSame(_ left: OwnedValue, _ right: OwnedValue) -> Bool {
    if case .double(let left) = left, case .double(let right) = right { return left.bitPattern == right.bitPattern }
    return left == right
}
