import Testing

@testable import StreamEngine

@Suite struct KeyCodingTests {
    /// Values in their order; those of one line are the same value.
    private static let ladder: [[Datum]] = [
        [.null, .missing], [.false], [.true],
        [.double(-.greatestFiniteMagnitude)], [.double(-0x1p63 - 2048)],
        [.integer(.min), .double(-0x1p63)], [.integer(.min + 1)],
        [.integer(-9_007_199_254_740_993)], [.integer(-9_007_199_254_740_992), -9007199254740992.0],
        [-1.5], [-1, -1.0], [-0.5], [.double(-0x1p-1074)], [0, 0.0, -0.0], [.time(0)], [.double(0x1p-1074)], [0.5],
        [1, 1.0], [.time(1)], [1.5], [2],
        [9007199254740992.0, .integer(9_007_199_254_740_992)], [.integer(9_007_199_254_740_993)],
        [9007199254740994.0], [.integer(.max - 1)], [.integer(.max)], [.time(.max)], [.double(0x1p63)],
        [.double(.greatestFiniteMagnitude)],
        [""], ["\0"], ["1"], ["1.0"], ["A"], ["a"], ["a\0"], ["aa"], ["abcdefgh"], ["abcdefgi"], ["e\u{301}"], ["é"],
        [.json("1")], [.json("[1]")], [.json("{}")],
    ]

    private static func bytes(_ datum: Datum) -> [UInt8] {
        let keeper = ValueKeeper()
        return withExtendedLifetime(keeper) { withTypedBytes(keeper.value(datum)) { Array($0) } }
    }

    @Test("two values have the same typed bytes exactly when they are the same value")
    func equality() {
        for (i, step) in Self.ladder.enumerated() {
            for (j, other) in Self.ladder.enumerated() {
                for a in step { for b in other { #expect((Self.bytes(a) == Self.bytes(b)) == (i == j), "\(a) \(b)") } }
            }
        }
    }

    @Test("values are in a total order that agrees with their bytes")
    func order() {
        let keeper = ValueKeeper()
        for (i, step) in Self.ladder.enumerated() {
            for (j, other) in Self.ladder.enumerated() {
                for a in step {
                    for b in other {
                        let order = KeyCoding.compare(keeper.value(a), keeper.value(b))
                        #expect(order.signum() == (i - j).signum(), "\(a) \(b)")
                    }
                }
            }
        }
    }

    @Test("integers outside Int64 are among the numbers by their exact value")
    func digits() {
        func compare(_ digits: String, _ datum: Datum) -> Int {
            let keeper = ValueKeeper()
            let text = keeper.value(.string(digits))
            let left = Value(text.bytes, kind: .digits), right = keeper.value(datum)
            let order = KeyCoding.compare(left, right)
            #expect(KeyCoding.compare(right, left) == -order)
            return order
        }
        #expect(compare("9223372036854775808", .integer(.max)) == 1)
        #expect(compare("-9223372036854775809", .integer(.min)) == -1)
        #expect(compare("9223372036854775808", .double(0x1p63)) == 0)
        #expect(compare("9223372036854775809", .double(0x1p63)) == 1)
        #expect(compare("-9223372036854775809", .double(-0x1p63)) == -1)
        #expect(compare("9223372036854775809", 1e40) == -1)
        #expect(compare("9223372036854775809", -1e40) == 1)
        #expect(compare("9223372036854775809", 0.5) == 1)
        #expect(compare("9223372036854775809", "a") == -1)
    }

    @Test("a value read back is the value written", arguments: [0, 1, 254, 255, 256, 70_000])
    func roundTrip(_ length: Int) {
        let values = Self.ladder.flatMap { $0 } + [.string(String(repeating: "x", count: length))]
        let keeper = ValueKeeper()
        var buffer = ByteBuffer()
        for value in values {
            let before = buffer.count
            KeyCoding.append(keeper.value(value), to: &buffer)
            #expect(buffer.count - before <= KeyCoding.size(keeper.value(value)))
        }
        guard let start = buffer.bytes.baseAddress else { return }
        var offset = 0
        for value in values {
            let read = KeyCoding.read(start, at: &offset)
            #expect(KeyCoding.compare(read, keeper.value(value)) == 0, "\(value)")
        }
        #expect(offset == buffer.count)
    }
}
