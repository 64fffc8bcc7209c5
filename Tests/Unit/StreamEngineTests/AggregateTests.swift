import Testing

@testable import StreamEngine

@Suite struct AggregateTests {
    // MARK: Null

    @Test(
        "a group of only nulls has a null result",
        arguments: AggregateFunction.all.filter { ![.count, .countIf, .distinct].contains($0) })
    func onlyNulls(_ function: AggregateFunction) {
        #expect(aggregate(function, [.null, .missing, .null], parameter: 0.5) == "null")
        #expect(aggregate(function, [], parameter: 0.5) == "null")
    }

    @Test("count() counts rows, count(x) what is not null, count_if what is true, distinct nothing of nulls")
    func counting() {
        let values: [Datum] = [.null, 1, .missing, "a", .true, .false]
        #expect(aggregate(.count, values.map { AggregateRow(first: $0) }, argumentCount: 0) == "6")
        #expect(aggregate(.count, values) == "4")
        #expect(aggregate(.countIf, [.true, .false, .null, .true]) == "2")
        #expect(aggregate(.distinct, [.null, .missing]) == "0")
    }

    @Test("count_if of something that is no condition is a bad value")
    func countIfBad() {
        let values: [Datum] = [1, .true, "true", .null]
        let run = AggregateRun(.countIf, values.map { AggregateRow(first: $0) })
        run.update(0, [0, 1, 2, 3])
        #expect(run.result() == "1")
        #expect(run.badCount == 2)
    }

    // MARK: Sum

    @Test(
        "sum of integers is exact and stays an integer",
        arguments: [
            ([1, 2, 3], "6"),
            ([.integer(.max), 1], "digits 9223372036854775808"),
            ([.integer(.max), 1, -1], "9223372036854775807"),
            ([.integer(.min), -1], "digits -9223372036854775809"),
            ([.integer(.min)], "-9223372036854775808"),
            (["3", 4], "7"),
            ([.null, 4], "4"),
        ] as [([Datum], String)])
    func integerSums(_ values: [Datum], _ expected: String) {
        #expect(aggregate(.sum, values) == expected)
    }

    @Test(
        "a sum with a double in it is the double nearest to the exact total",
        arguments: [
            ([0.1, 0.2, 0.3], "double 0.6"),
            ([1e308, 1e308, -1e308], "double 1e+308"),
            ([1e16, 1.0, -1e16], "double 1.0"),
            ([1e100, 1.0, -1e100, 1e-300], "double 1.0"),
            ([1e308, 0x1p-1060, -1e308], "double \(0x1p-1060)"),
            ([.integer(9_007_199_254_740_993), 0.0], "double \(9_007_199_254_740_992.0)"),
            ([.integer(9_007_199_254_740_993), 0.5], "double \(9_007_199_254_740_994.0)"),
            ([.integer(.max), 1.0, .integer(.min)], "double 0.0"),
            (["0.5", 1], "double 1.5"),
            ([-0.0], "double 0.0"),
            ([1e308, 1e308], "null"),
        ] as [([Datum], String)])
    func doubleSums(_ values: [Datum], _ expected: String) {
        #expect(aggregate(.sum, values) == expected)
    }

    @Test(
        "avg is a double, also of integers and where the sum overflows",
        arguments: [
            ([1, 2], "double 1.5"),
            ([4, 4], "double 4.0"),
            ([1e308, 1e308], "double 1e+308"),
            ([.integer(.max), .integer(.max)], "double \(0x1p63)"),
            ([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], "double 0.1"),
            ([.null, 3], "double 3.0"),
        ] as [([Datum], String)])
    func averages(_ values: [Datum], _ expected: String) {
        #expect(aggregate(.avg, values) == expected)
    }

    @Test(
        "what is no number is a bad value, counted and skipped",
        arguments: [
            AggregateFunction.sum, .avg, .stddev, .variance, .stddevPop, .skewness, .median, .quantile, .rate, .delta,
        ])
    func badNumbers(_ function: AggregateFunction) {
        let values: [Datum] = [.true, .false, "x", "", "1x", " 1", "-", .json("[1]"), .null, 2, "2", 2.0]
        let run = AggregateRun(function, values.map { AggregateRow(first: $0) }, parameter: 0.5)
        run.update(0, Array(values.indices))
        #expect(run.badCount == 6)
    }

    @Test("to numeric functions true is 1 and false 0, so that an average is a share")
    func truths() {
        let values: [Datum] = [.true, .false, .true, .true, .null]
        #expect(aggregate(.avg, values) == "double 0.75")
        #expect(aggregate(.sum, values) == "3")
        #expect(aggregate(.median, values) == "double 1.0")
        #expect(aggregate(.sum, values + [0.5]) == "double 3.5")
    }

    // MARK: Variance

    @Test("variance and stddev are of a sample, stddev_pop of a population")
    func variances() {
        let values: [Datum] = [2, 4, 4, 4, 5, 5, 7, 9]
        #expect(aggregate(.stddevPop, values) == "double 2.0")
        #expect(aggregate(.variance, values) == "double \(32.0 / 7)")
        #expect(aggregate(.stddev, values) == "double \((32.0 / 7).squareRoot())")
        #expect(aggregate(.variance, [4.0, 7.0, 13.0, 16.0]) == "double 30.0")
    }

    @Test("the sample variance of one value is null, that of a population 0")
    func oneValue() {
        #expect(aggregate(.variance, [3.7]) == "null")
        #expect(aggregate(.stddev, [3.7]) == "null")
        #expect(aggregate(.stddevPop, [3.7]) == "double 0.0")
    }

    @Test("a variance does not suffer from a large mean", arguments: [0, 1e9, 1e12, -1e14])
    func largeMean(_ mean: Double) {
        #expect(aggregate(.variance, [4, 7, 13, 16].map { .double($0 + mean) }) == "double 30.0")
    }

    @Test("equal values have variance 0", arguments: [0.1, 1e200, 1e-200, -0x1p-1074, 1.7e308])
    func equalValues(_ value: Double) {
        #expect(aggregate(.variance, Array(repeating: .double(value), count: 7)) == "double 0.0")
    }

    @Test("a stddev has a value where the squares overflow or vanish")
    func extremeDeviations() {
        #expect(aggregate(.stddevPop, [1e300, -1e300]) == "double 1e+300")
        #expect(aggregate(.stddevPop, [1e-300, -1e-300]) == "double 1e-300")
        #expect(aggregate(.variance, [1e300, -1e300]) == "null")
    }

    @Test("large integers enter the variance exactly")
    func largeIntegers() {
        let base = Int64.max - 4
        #expect(aggregate(.variance, [.integer(base), .integer(base + 2), .integer(base + 4)]) == "double 4.0")
    }

    // MARK: MinMax

    @Test(
        "min and max compare numbers exactly, integers with doubles too",
        arguments: [
            ([3, 1, 2], "1", "3"),
            ([.integer(9_007_199_254_740_993), .double(0x1p53)], "double \(0x1p53)", "9007199254740993"),
            ([.integer(.max), 0x1p63], "9223372036854775807", "double \(0x1p63)"),
            ([1, 1.0], "1", "1"),
            ([1.0, 1], "1", "1"),
            ([-0.0, 0.0], "double 0.0", "double 0.0"),
            ([2.5, "10", 3], "double 2.5", "10"),
            (["10", "9", "x"], "9", "10"),
            (["b", "a", .null, "aa"], "string a", "string b"),
            (["b", 5, "a"], "5", "5"),
            (["", "é", "z"], "string ", "string é"),
            ([.time(5), .time(-3)], "time -3", "time 5"),
        ] as [([Datum], String, String)])
    func extremes(_ values: [Datum], _ least: String, _ greatest: String) {
        #expect(aggregate(.min, values) == least)
        #expect(aggregate(.max, values) == greatest)
        #expect(aggregate(.min, values.reversed()) == least)
        #expect(aggregate(.max, values.reversed()) == greatest)
    }

    @Test("booleans and JSON texts are bad values for min and max", arguments: [AggregateFunction.min, .max])
    func badExtremes(_ function: AggregateFunction) {
        let run = AggregateRun(function, [.init(first: .true), .init(first: .json("{}")), .init(first: "a")])
        run.update(0, [0, 1, 2])
        #expect(run.badCount == 2)
        #expect(run.result() == "string a")
    }

    // MARK: By event time

    @Test("first and last go by event time, ties by arrival, and skip nulls")
    func firstAndLast() {
        let rows: [AggregateRow] = [
            .init(first: "b", time: 20), .init(first: .json("[1]"), time: 10), .init(first: .null, time: 5),
            .init(first: .true, time: 10), .init(first: 7, time: 20), .init(first: .null, time: 30),
        ]
        #expect(aggregate(.first, rows) == "json [1]")
        #expect(aggregate(.last, rows) == "7")
    }

    @Test("min_by and max_by give the first argument at the extreme of the second, the earliest of several")
    func extremesBy() {
        let rows: [AggregateRow] = [
            .init(first: "a", second: 2, time: 9), .init(first: "b", second: 1, time: 8),
            .init(first: "c", second: 1.0, time: 3), .init(first: .null, second: 0, time: 1),
            .init(first: "d", second: .null, time: 1), .init(first: "e", second: "2", time: 5),
            .init(first: "f", second: "zz", time: 0),
        ]
        #expect(aggregate(.minBy, rows, argumentCount: 2) == "string c")
        #expect(aggregate(.maxBy, rows, argumentCount: 2) == "string e")
    }

    @Test("max_by orders by strings where there are no numbers")
    func byStrings() {
        let rows: [AggregateRow] = [
            .init(first: 1, second: "a"), .init(first: 2, second: "b"), .init(first: 3, second: .true),
        ]
        #expect(aggregate(.maxBy, rows, argumentCount: 2) == "2")
        #expect(aggregate(.minBy, rows, argumentCount: 2) == "1")
    }

    @Test("list is in the order of event time, ties by arrival")
    func lists() {
        let rows: [AggregateRow] = [
            .init(first: "b", time: 2), .init(first: 1, time: 1), .init(first: .null, time: 0),
            .init(first: .json("{\"a\":1}"), time: 2), .init(first: .true, time: -1),
        ]
        #expect(aggregate(.list, rows) == "json [true,1,\"b\",{\"a\":1}]")
    }

    @Test("delta is last minus first by event time, exact for integers")
    func deltas() {
        let rows: [AggregateRow] = [.init(first: 10, time: 2), .init(first: 4, time: 1), .init(first: 9, time: 3)]
        #expect(aggregate(.delta, rows) == "5")
        #expect(aggregate(.delta, [.init(first: 4, time: 1)]) == "null")
        #expect(
            aggregate(.delta, [.init(first: .integer(.min), time: 1), .init(first: .integer(.max), time: 2)])
                == "digits 18446744073709551615")
        #expect(aggregate(.delta, [.init(first: 0.5, time: 1), .init(first: 2, time: 2)]) == "double 1.5")
    }

    @Test("rate is the increase per second; a drop means that the counter began again at 0")
    func rates() {
        let second: Int64 = 1_000_000
        #expect(
            aggregate(.rate, [.init(first: 100, time: 0), .init(first: 160, time: 60 * second)]) == "double 1.0")
        #expect(
            aggregate(
                .rate,
                [
                    .init(first: 100, time: 0), .init(first: 130, time: 10 * second),
                    .init(first: 10, time: 20 * second), .init(first: 20, time: 30 * second),
                ]) == "double \(50.0 / 30)")
        #expect(aggregate(.rate, [.init(first: 1, time: 5), .init(first: 2, time: 5)]) == "null")
        #expect(aggregate(.rate, [.init(first: 1, time: 5)]) == "null")
        #expect(
            aggregate(.rate, [.init(first: 1, time: .min), .init(first: 2, time: .max)]) == "double \(1e6 / 0x1p64)")
    }

    // MARK: Distributions

    @Test(
        "quantiles interpolate linearly between ranks",
        arguments: [
            (0, "double 1.0"), (0.25, "double 1.75"), (0.5, "double 2.5"), (0.9, "double \(3 + 0.7000000000000002)"),
            (1, "double 4.0"),
        ] as [(Double, String)])
    func quantiles(_ q: Double, _ expected: String) {
        #expect(aggregate(.quantile, [4, 1.0, "3", 2, .null], parameter: q) == expected)
    }

    @Test("the median of extreme values does not overflow")
    func medians() {
        #expect(aggregate(.median, [5, 1, 3]) == "double 3.0")
        #expect(aggregate(.median, [1.7e308, -1.7e308]) == "double 0.0")
    }

    @Test("distinct compares typed values: 1 and 1.0 are one, \"1\" is another")
    func distincts() {
        #expect(aggregate(.distinct, [1, 1.0, "1", .null, .true, .false, .json("1"), -0.0, 0, "é", "e\u{301}"]) == "8")
    }

    @Test("top has the most frequent values first, ties in the order of values")
    func tops() {
        let values: [Datum] = ["b", "a", "c", "c", 7, .null, .null, .null, 7.0, "a", .true]
        #expect(aggregate(.top, values, parameter: 2) == "json [7,\"a\"]")
        #expect(aggregate(.top, values, parameter: 10) == "json [7,\"a\",\"c\",true,\"b\"]")
    }

    @Test("mode is the most frequent value, ties by the order of values")
    func modes() {
        #expect(aggregate(.mode, ["b", "a", "c", "c", 7, .null, .null, .null, 7.0, "a", .true]) == "7")
        #expect(
            aggregate(.mode, ["b", "longer than sixteen bytes", "longer than sixteen bytes"])
                == "string longer than sixteen bytes")
        #expect(aggregate(.mode, [.json("[1]"), .true]) == "true")
        #expect(aggregate(.mode, [2.5, 2.5, 3]) == "double 2.5")
    }

    @Test("top of few among many is the same as a full sort")
    func topOfMany() {
        var values: [Datum] = []
        for i in 0..<500 { values += Array(repeating: .integer(Int64(i)), count: 1 + i * 7919 % 100) }
        let order = (0..<500).sorted { (1 + $1 * 7919 % 100, $0) < (1 + $0 * 7919 % 100, $1) }
        let expected = order.prefix(5).map(String.init).joined(separator: ",")
        #expect(aggregate(.top, values, parameter: 5) == "json [\(expected)]")
    }

    // MARK: Columns

    @Test("a cleared slot is empty, and its neighbour is not", arguments: AggregateFunction.all)
    func clearing(_ function: AggregateFunction) {
        let rows: [AggregateRow] = [.init(first: 1, second: 1, time: 1), .init(first: 5, second: 2, time: 2)]
        let run = AggregateRun(function, rows, parameter: 0.5)
        run.update(0, [0, 1])
        run.update(1, [0, 1])
        let full = run.result(1)
        run.column.clear(0)
        run.column.grow(to: 1000)
        #expect(run.result(1) == full)
        run.update(2, [])
        #expect(run.result(0) == run.result(2))
        run.update(0, [0, 1])
        #expect(run.result(0) == full)
    }

    @Test("functions of one kind of state share it")
    func kinds() {
        func state(_ function: AggregateFunction) -> ObjectIdentifier { ObjectIdentifier(function.state) }
        #expect(state(.sum) == state(.avg))
        #expect(state(.stddev) == state(.variance))
        #expect(state(.median) == state(.quantile))
        #expect(state(.top) == state(.mode))
        #expect(state(.min) != state(.max))
        #expect(ObjectIdentifier(AggregateFunction.count.stateWithoutArguments) != state(.count))
    }
}
