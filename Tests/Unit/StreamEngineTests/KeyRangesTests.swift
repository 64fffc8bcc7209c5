import Testing

@testable import StreamEngine

@Suite("ranges of keys") struct KeyRangesTests {
    @Test("cover all places once, in order, and about evenly", arguments: [1, 2, 3, 7, 16])
    func cover(count: Int) {
        for keyCount in [1, 2, 5, 16, 1000, 1001] {
            let ranges = KeyRanges(count: count, keyCount: keyCount)
            var end = 0
            for range in 0..<count {
                let places = ranges.places(of: range)
                #expect(places.lowerBound == end && abs(places.count - keyCount / count) <= 1)
                #expect(places.allSatisfy { ranges.range(of: $0) == range })
                end = places.upperBound
            }
            #expect(end == keyCount)
        }
    }
}
