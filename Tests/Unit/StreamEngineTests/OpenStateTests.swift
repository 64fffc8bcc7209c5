import Testing

@testable import StreamEngine

@Suite("what the open windows hold") struct OpenStateTests {
    @Test(
        "as many windows are open as have a record and end after the watermark",
        arguments: 1...20 as ClosedRange<UInt64>,
        [(10, 10), (30, 7), (30, 30), (5, 12), (60, 1)])
    func windows(_ seed: UInt64, _ shape: (size: Int64, step: Int64)) throws {
        var random = SeededGenerator(seed: seed)
        let times = (0..<60).map { max(0, Int64($0 * 3) + Int64.random(in: -25...0, using: &random)) }
        let window: WindowSpec =
            shape.size == shape.step
            ? .tumbling(size: shape.size, align: 0) : .hopping(size: shape.size, step: shape.step, align: 0)
        let query = try Query.timed(window, delay: 15)
        let result = try runEngine(query, batches: times.map { Array("{\"t\":\($0)}\n".utf8) })
        var ends: Set<Int64> = []
        var watermark = Int64.min
        for (time, open) in zip(times, result.open) {
            let first = (time / shape.step) * shape.step
            var start = first
            while start > time - shape.size {
                if start + shape.size > watermark { ends.insert(start + shape.size) }
                start -= shape.step
            }
            watermark = max(watermark, time - 15)
            ends = ends.filter { $0 > watermark }
            #expect(open.windows == ends.count, "after \(time), watermark \(watermark)")
            #expect(open.bytes > 0 && (open.groups > 0 || ends.isEmpty))
        }
    }
}
