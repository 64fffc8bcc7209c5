import Testing

@testable import StreamEngine

@Suite("searching text") struct TextSearchTests {
    /// The first position by comparing everywhere.
    private static func naive(_ needle: [UInt8], _ text: [UInt8], from: Int) -> Int {
        guard needle.count <= text.count - from else { return -1 }
        return (from...text.count - needle.count).first { text[$0..<$0 + needle.count].elementsEqual(needle) } ?? -1
    }

    private static func check(_ needle: [UInt8], _ text: [UInt8], from: Int = 0) throws {
        let expected = naive(needle, text, from: from)
        let (found, twoWay) = needle.withUnsafeBytes { needle in
            text.withUnsafeBytes { text in
                (findBytes(needle, in: text, from: from), TwoWaySearch(needle).find(in: text, from: from))
            }
        }
        try #require(found == expected, "\(needle) in \(text) from \(from)")
        try #require(twoWay == expected, "two-way: \(needle) in \(text) from \(from)")
    }

    @Test("every needle of up to five letters of two is found in every text of up to nine")
    func exhaustive() throws {
        func words(_ length: Int) -> [[UInt8]] {
            (0..<1 << length).map { bits in (0..<length).map { UInt8(bits >> $0 & 1) + 97 } }
        }
        for length in 1...5 {
            for needle in words(length) {
                for size in 0...9 {
                    for text in words(size) { try Self.check(needle, text) }
                }
            }
        }
    }

    @Test("repetitive needles are found wherever they are", arguments: 0..<UInt64(2000))
    func repetitive(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let letters: [UInt8] = random.below(2) == 0 ? [97, 98] : [97, 97, 97, 98, 255]
        let unit = (0...random.below(7)).map { _ in random.pick(letters) }
        var text = (0...random.below(60)).flatMap { _ in unit }
        for _ in 0..<random.below(4) { text[random.below(text.count)] = random.pick(letters) }
        let start = random.below(text.count)
        var needle = Array(text[start..<start + 1 + random.below(text.count - start)])
        if random.below(3) == 0 { needle[random.below(needle.count)] = random.pick(letters) }
        try Self.check(needle, text, from: random.below(text.count + 1))
    }

    @Test("needles that repeat for long are found after many near misses")
    func nearMisses() throws {
        let text = [UInt8](repeating: 97, count: 20_000) + [98] + [UInt8](repeating: 97, count: 20_000)
        for (needle, place) in [
            ([UInt8](repeating: 97, count: 10_000) + [98], 10_000),
            ([98] + [UInt8](repeating: 97, count: 10_000), 20_000),
            ([UInt8](repeating: 97, count: 10_000) + [98, 97, 98], -1),
            ([UInt8](repeating: 97, count: 5_000) + [98] + [UInt8](repeating: 97, count: 5_000), 15_000),
        ] {
            let found = needle.withUnsafeBytes { needle in text.withUnsafeBytes { findBytes(needle, in: $0, from: 0) } }
            #expect(found == place)
        }
    }
}
