import Testing

@testable import StreamEngine

@Suite("pictures") struct PictureTests {
    @Test("numbers are in the bucket whose bound is the last one that is not greater")
    func buckets() {
        var random = SeededGenerator(seed: 3)
        var values = (0..<20_000).map { _ in
            Double(
                sign: .plus, exponent: Int.random(in: -99...99, using: &random),
                significand: .random(in: 1..<2, using: &random))
        }
        for index in DecimalBuckets.first...DecimalBuckets.last {
            let bound = DecimalBuckets.bound(index)
            values += [bound, bound.nextDown, bound.nextUp]
        }
        for value in values {
            guard let index = DecimalBuckets.index(value) else {
                #expect(value < 1e-30)
                continue
            }
            #expect(DecimalBuckets.bound(index) <= value)
            #expect(index == DecimalBuckets.last || DecimalBuckets.bound(index + 1) > value)
        }
        #expect((0..<11).map { DecimalBuckets.bound($0) } == [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8, 10])
        #expect(DecimalBuckets.index(1e300) == DecimalBuckets.last)
    }

    @Test("buckets(x) counts numbers, in ascending order")
    func counts() {
        let values: [Datum] = [3, 0, -7, "12.6", 12.5, 1e-40, .null, "word", -6.3, 1e6]
        #expect(aggregate(.buckets, values) == "json [[-6.3,2],[0,2],[2.5,1],[12.5,2],[1000000,1]]")
        #expect(aggregate(.buckets, [.null]) == "null")
    }

    @Test("its text gives the same pairs")
    func pairs() {
        func read(_ text: String) -> [[Double]] {
            Array(text.utf8).withUnsafeBytes { PictureColumns.buckets($0) }.map { [$0.bound, $0.count] }
        }
        #expect(read("[[-6.3,2],[0,2],[1e-05,1]]") == [[-6.3, 2], [0, 2], [1e-5, 1]])
        #expect(read("[1,2]").isEmpty && read("[[1,2,3]]").isEmpty && read("[[\"a\",2]]").isEmpty && read("").isEmpty)
    }

    @Test("no text of the data becomes markup")
    func escaped() {
        #expect(LineChart.escaped("<a&\"b>\u{1}\u{ffff}日") == "&lt;a&amp;&quot;b&gt;\u{fffd}\u{fffd}日")
    }

    @Test(
        "charts have bounds for all numbers",
        arguments: [0, 1, -1, 1e-300, 1e308, -1e308, .leastNonzeroMagnitude] as [Double])
    func scales(_ number: Double) {
        for other in [0, number, -number, number / 3] {
            var series = PictureSeries()
            for (time, value) in [number, other].enumerated() {
                let isTaken = series.add(PictureRow(label: "a", time: Int64(time) * 60_000_000, number: value))
                #expect(isTaken)
            }
            let text = LineChart(series, name: "n").text
            #expect(!text.contains("nan") && !text.contains("inf") && text.utf8.count < 20_000, "\(number) \(other)")
            #expect(!SparkLines.text(series, name: "n", width: 80).isEmpty)
        }
    }
}
