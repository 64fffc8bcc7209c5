import Testing

@testable import StreamEngine

@Suite struct KeyCodingTests {
    /// Values in their order; those of one line are the same value.
    private static let ladder: [[Datum]] = [
        [.null, .missing], [.false], [.true],
        [.double(-.greatestFiniteMagnitude)], [.digits("-1.00000000000000000001e40")],
        [.double(-1e40), .digits("-10000000000000000000000000000000000000000")],
        // A double is the decimal that it is printed as.
        [.double(-0x1p63), .digits("-9223372036854776000"), .digits("-9223372036854776000.0")],
        [.digits("-9223372036854775809")], [.integer(.min), .digits("-9223372036854775808.000")], [.integer(.min + 1)],
        [.integer(-9_007_199_254_740_993), .digits("-9007199254740993.0")],
        [.integer(-9_007_199_254_740_992), -9007199254740992.0],
        [-1.5], [.digits("-1.00000000000000000000000000000000000000000001")], [-1, -1.0], [-0.5],
        [.double(-0x1p-1074)], [.digits("-1e-400"), .digits("-0.1e-399"), .digits("-10e-401")],
        [0, 0.0, -0.0, .digits("-0")], [.time(0)], [.digits("1e-401")], [.double(0x1p-1074)],
        [0.1], [.digits("0.1000000000000000055511151231257827")], [0.5],
        [1, 1.0], [.time(1)], [1.5], [2], [.digits("106.000000000000000001"), .digits("106.00000000000000000100e0")],
        [.digits("106.000000000000000002"), .digits("10600000000000000000.2e-17")],
        [9007199254740992.0, .integer(9_007_199_254_740_992)],
        [.integer(9_007_199_254_740_993), .digits("9007199254740993.0"), .digits("9007199254740993e0")],
        [9007199254740994.0, .integer(9_007_199_254_740_994)], [.integer(1 << 60)],
        [.double(0x1p60), .integer(1_152_921_504_606_847_000)],
        [.integer(.max - 1)], [.integer(.max)], [.time(.max)], [.digits("9223372036854775808")],
        [.double(0x1p63), .digits("9223372036854776000")], [.digits("18446744073709551614")],
        [.digits("18446744073709551615"), .digits("18446744073709551615.0")],
        [1e20, .digits("100000000000000000000")],
        [1e300, .digits("1" + String(repeating: "0", count: 300))],
        [.double(.greatestFiniteMagnitude)],
        [""], ["\0"], ["1"], ["1.0"], ["A"], ["a"], ["a\0"], ["aa"], ["abcdefgh"], ["abcdefgi"], ["e\u{301}"], ["é"],
        [.json("1")], [.json(#"["\"[ ]",1]"#), .json(" [ \"\\\"[ ]\" ,\t1 ] ")], [.json("[1]")], [.json(#"{" ":1}"#)],
        [.json(#"{"":1}"#), .json(#"{ "" : 1 }"#)], [.json("{}"), .json("{ }")],
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
        var offset = 0
        buffer.withBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            for value in values {
                let read = KeyCoding.read(start, at: &offset)
                #expect(KeyCoding.compare(read, keeper.value(value)) == 0, "\(value)")
            }
        }
        #expect(offset == buffer.count)
    }

    @Test(
        "the key of one integer is that of its typed bytes", arguments: [0, 1, -1, 200, 1 << 55, 1 << 56, .max, .min])
    func integer(_ number: Int64) {
        let hash = KeyHash(seed: 7)
        var buffer = ByteBuffer()
        KeyCoding.append(Value(number), to: &buffer)
        let short = GroupKey(integer: number, hash)
        let whole = GroupKey(UnsafeRawPointer(buffer.start(padding: 16)), length: buffer.count, hash)
        #expect(short.low == whole.low && short.high == whole.high)
        #expect(short.shape == whole.shape && short.hash == whole.hash)
    }
}
