import Testing

@testable import StreamEngine

@Suite("times that repeat") struct RecentTimesTests {
    @Test("a time has the same text whether its column had it before or not")
    func sameText() {
        var random = SeededGenerator(seed: 1)
        let times: [Int64] = [
            0, 1, -1, 1_767_225_600_000_000, 1_767_225_600_000_001, 1_767_225_600_120_000, -62_167_219_200_000_001,
            253_402_300_800_000_000, .min, .max,
        ]
        let recent = RecentTimes(columns: 3)
        // With little room, the buffer moves while texts are written.
        var found = ByteBuffer(capacity: 1), expected = ByteBuffer(capacity: 1)
        var last: Int64 = 0
        for _ in 0..<10_000 {
            if Int.random(in: 0..<3, using: &random) == 0 { last = times.randomElement(using: &random) ?? 0 }
            recent.append(last, column: Int.random(in: 0..<3, using: &random), to: &found)
            expected.append(time: last)
        }
        #expect(found.withBytes { Array($0) } == expected.withBytes { Array($0) })
    }
}
