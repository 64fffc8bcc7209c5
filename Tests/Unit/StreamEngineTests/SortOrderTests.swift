import Testing

@testable import StreamEngine

@Suite struct SortOrderTests {
    @Test(
        "many keys with one beginning come out bytewise",
        arguments: ["", "s", "sensor_", "a-rather-long-common-beginning/"])
    func commonBeginning(beginning: String) throws {
        var random = SeededGenerator(seed: 11)
        var keys: Set<String> = [beginning]
        while keys.count < 400 {
            let tail = (0..<random.below(12)).map { _ in random.pick(["0", "1", "9", "é", "z", " "]) }.joined()
            keys.insert(beginning + tail)
        }
        var query = Query()
        query.groupKeys = [GroupKeySpec(name: "k", field: try FieldPath.parse("k"))]
        query.aggregates = [Aggregate(name: "n", function: .count)]
        let text = keys.shuffled(using: &random).map { "{\"k\":\"\($0)\"}\n" }.joined()
        let expected = keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        #expect(try runEngine(query, text).lines == expected.map { "{\"k\":\"\($0)\",\"n\":1}" })
    }

    /// Keys that agree in long beginnings, in whole fields, in all but a zero byte, or not even in kind.
    private static func value(_ random: inout SeededGenerator, _ style: Int) -> Datum {
        switch style {
        case 0: .string(random.pick(["", "a", "ab", "abcdefgh", "abcdefghi"]))
        case 1:
            .string(
                "a-beginning-of-some-length-" + String(repeating: "\0", count: random.below(4))
                    + random.pick(["", "x", "xyxyxyxyxyxy", "\u{1}"]) + "\(random.below(3000))")
        case 2: .integer(Int64(random.below(5000)) - 2500)
        case 3: .integer((1 << 62) + Int64(random.below(5000)))
        case 4: .double(Double(random.below(5000)) / 8 - 200)
        case 5:
            random.pick([.null, .true, .false, .integer(3), .double(0.1), .string("x"), .string("y"), .json("[1]")])
        default: .string(String(repeating: "k", count: random.below(900)))
        }
    }

    @Test("many rows are sorted as comparing whole keys sorts them", arguments: 0..<24)
    func byComparison(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let fields = 1 + Int(seed % 3)
        let styles = (0..<fields).map { Int(seed) + $0 * 2 }.map { $0 % 7 }
        let keeper = ValueKeeper()
        var table = GroupTable(seed: seed)
        var list = PendingRows()
        var expected: [UInt32] = []
        let window = WindowBounds(start: 0, end: 1)
        for _ in 0..<1500 {
            var bytes = ByteBuffer()
            for style in styles { KeyCoding.append(keeper.value(Self.value(&random, style)), to: &bytes) }
            let key = GroupKey(UnsafeRawPointer(bytes.start(padding: 16)), length: bytes.count, KeyHash(seed: seed))
            let (slot, isNew) = table.slot(pane: 0, key)
            guard isNew else { continue }
            list.add(key: slot, state: slot, window, expected: 10)
            expected.append(slot)
            if random.below(9) == 0 { _ = table.slot(pane: 1, key) }
        }
        expected.sort {
            GroupTable.Slot.compare(table.slots.place(Int($0)), table.slots.place(Int($1)), fields) < 0
        }
        let crew: any Crew = seed % 4 == 0 ? SingleCrew() : ShuffledCrew(seed: seed)
        list.sort(table, fields: fields, crew)
        #expect((0..<list.count).map { list.rows[$0].slot } == expected)
        var atOnce = PendingRows()
        if atOnce.addAllSorted(of: 0, window, table, fields: fields, crew) {
            atOnce.sort(table, fields: fields, crew)
            #expect((0..<atOnce.count).map { atOnce.rows[$0].slot } == expected)
        }
    }

    @Test("keys that few others are like are sorted with the rows of a pane", arguments: 0..<8)
    func unlikeOthers(seed: UInt64) {
        let keeper = ValueKeeper()
        var table = GroupTable(seed: seed, lanes: Int(seed % 3))
        var expected: [UInt32] = []
        let odd: [Datum] = [
            .string("sensor_x"), .string("sens"), .string("sensor_"), .integer(4), .integer(-1), .double(0.5),
            .string("sensor_20000x"), .null,
        ]
        func insert(_ datum: Datum) {
            var bytes = ByteBuffer()
            KeyCoding.append(keeper.value(datum), to: &bytes)
            let key = GroupKey(UnsafeRawPointer(bytes.start(padding: 16)), length: bytes.count, KeyHash(seed: seed))
            expected.append(table.slot(pane: 3, key).slot)
        }
        table.divide()
        for number in 0..<20_000 {
            // More than are in the sample.
            if number == 9_999 { insert(odd[Int(seed) % odd.count]) }
            insert(seed % 2 == 0 ? .string("sensor_\(10_000 + number)") : .integer(Int64(number) * 7))
        }
        expected.sort {
            GroupTable.Slot.compare(table.slots.place(Int($0)), table.slots.place(Int($1)), 1) < 0
        }
        var list = PendingRows()
        let isSorted = list.addAllSorted(
            of: 3, WindowBounds(start: 0, end: 1), table, fields: 1, ShuffledCrew(seed: seed))
        // If not all are texts, those that begin alike cannot be told apart by their first bytes.
        #expect(isSorted == (seed != 4))
        if isSorted { #expect((0..<list.count).map { list.rows[$0].slot } == expected) }
    }

    @Test("a digit compares like the highest bits in which numbers differ", arguments: 0..<50)
    func digits(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let mask = random.next() & random.next() | 1 << UInt64(random.below(64))
        let base = random.next() & ~mask
        let numbers = (0..<200).map { _ in base | random.next() & mask }
        let differing = numbers.reduce(0) { $0 | ($1 ^ numbers[0]) }
        guard differing != 0 else { return }
        let digit = SortDigit(differing, bits: random.below(12))
        #expect(digit.bucketCount <= SortDigit.mostBuckets && digit.isFirst(of: differing))
        let sorted = numbers.sorted().map { digit.of($0) }
        #expect(sorted == sorted.sorted() && sorted.allSatisfy { $0 < digit.bucketCount })
        #expect(Set(sorted).count > 1)
        let higher = UInt64.max << UInt64(64 - differing.leadingZeroBitCount)
        #expect(differing.leadingZeroBitCount == 0 || !digit.isFirst(of: differing | higher))
    }

    @Test("windows come first by end, then by start, then the keys in each")
    func windows() {
        var random = SeededGenerator(seed: 4)
        var table = GroupTable(seed: 4)
        var list = PendingRows()
        var expected: [(WindowBounds, UInt32)] = []
        for number in 0..<600 {
            let key = GroupKey(
                low: UInt64(number).byteSwapped, high: 0, shape: KeyShape(textLength: 8), KeyHash(seed: 4))
            let slot = table.slot(pane: 0, key).slot
            let window = WindowBounds(start: Int64(random.below(3)), end: Int64(5 + random.below(3)))
            list.add(key: slot, state: slot, window, expected: 10)
            expected.append((window, slot))
        }
        expected.sort { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
        list.sort(table, fields: 1, SingleCrew())
        #expect((0..<list.count).map { list.rows[$0].slot } == expected.map(\.1))
        #expect((0..<list.count).map { list.bounds($0) } == expected.map(\.0))
        list.removeAll()
        list.add(key: 0, state: 0, WindowBounds(start: 8, end: 9), expected: 10)
        #expect(list.count == 1 && list.bounds(0) == WindowBounds(start: 8, end: 9))
    }
}
