import Testing

@testable import StreamEngine

@Suite struct GroupTableTests {
    private struct Name: Hashable {
        var pane: UInt32
        var key: [UInt8]
        /// The text of one string rather than typed bytes.
        var isText: Bool
    }

    /// Keys of which many agree in length and in their first bytes.
    private static func name(_ random: inout SeededGenerator, variety: Int) -> Name {
        let lengths = [0, 1, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 64, 300]
        let length =
            Bool.random(using: &random)
            ? lengths.randomElement(using: &random) ?? 0 : Int.random(in: 0...40, using: &random)
        var key = [UInt8](repeating: 0, count: length)
        if length > 0 {
            key[Int.random(in: 0..<length, using: &random)] = UInt8.random(in: 0..<UInt8(variety), using: &random)
        }
        let isText = length <= 16 && Bool.random(using: &random)
        return Name(pane: UInt32.random(in: 0..<3, using: &random), key: key, isText: isText)
    }

    /// The key with bytes behind it that must not matter.
    private static func padded(_ key: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        key + (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// The slot of a name.
    private static func slot(
        _ name: Name, in table: inout GroupTable, _ seed: UInt64, _ random: inout SeededGenerator
    ) -> (slot: UInt32, isNew: Bool)? {
        padded(name.key, &random).withUnsafeBytes { place in
            place.baseAddress.map { base in
                let hash = KeyHash(seed: seed)
                let key =
                    name.isText
                    ? GroupKey(text: base, length: name.key.count, hash)
                    : GroupKey(base, length: name.key.count, hash)
                return table.slot(pane: name.pane, key)
            }
        }
    }

    @Test("a short string has one key, wherever its bytes are", arguments: 0...16)
    func shortText(length: Int) throws {
        let text = String("0123456789abcdef".prefix(length))
        // In the batch, behind an escape (then it stands in the arena), and as the result of an expression.
        let lines = ["{\"k\":\"\(text)\"}", "{ \"k\" : \"\(text)\" }", escaped(text)]
        var query = Query()
        query.groupKeys = [GroupKeySpec(name: "k", field: try FieldPath.parse("k"))]
        query.aggregates = [Aggregate(name: "n", function: .count)]
        let rows = try runEngine(query, lines.map { $0 + "\n" }.joined()).lines
        #expect(rows == ["{\"k\":\"\(text)\",\"n\":3}"])
    }

    private func escaped(_ text: String) -> String {
        let codes = text.unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }
        return "{\"k\":\"" + codes.joined() + "\"}"
    }

    @Test("a text and typed bytes that look like it are two keys")
    func shapes() throws {
        var table = GroupTable(seed: 1)
        var random = SeededGenerator(seed: 1)
        for length in 0...16 {
            let key = [UInt8](repeating: 7, count: length)
            let text = Self.slot(Name(pane: 0, key: key, isText: true), in: &table, 1, &random)?.slot
            let typed = Self.slot(Name(pane: 0, key: key, isText: false), in: &table, 1, &random)?.slot
            #expect(text != typed)
        }
        #expect(table.count == 34)
    }

    @Test("all groups of one pane go, whatever else there is", arguments: 0..<8)
    func removeOwner(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var table = GroupTable(seed: seed, lanes: Int(seed % 4))
        var slots: [Name: UInt32] = [:]
        for round in 0..<6 {
            if round == seed % 5 { table.divide() }
            for _ in 0..<(round % 2 == 0 ? 300 : 20) {
                let name = Self.name(&random, variety: 250)
                slots[name] = try #require(Self.slot(name, in: &table, seed, &random)).slot
            }
            let gone = UInt32(round % 3)
            let removed = slots.filter { $0.key.pane == gone || (round == 4 && seed % 2 == 0) }
            if removed.count == slots.count {
                table.removeAll(of: gone, removed: table.count)
                slots = [:]
                continue
            }
            slots = slots.filter { $0.key.pane != gone }
            table.removeAll(of: gone, removed: removed.count)
            #expect(table.count == slots.count)
            for (name, slot) in slots {
                let (found, isNew) = try #require(Self.slot(name, in: &table, seed, &random))
                #expect(found == slot && !isNew)
                #expect(table.withKey(slot) { Array($0) } == name.key)
            }
        }
    }

    @Test("slots keep their numbers and keys when there are more than one piece of them")
    func manySlots() {
        var table = GroupTable(seed: 3)
        let count = ChunkedArray<GroupTable.Slot>.mask * 2 + 100
        let hash = KeyHash(seed: 3)
        for number in 0..<count {
            let key = GroupKey(low: UInt64(number), high: 5, shape: KeyShape(length: 16), hash)
            let (slot, isNew) = table.slot(pane: 1, key)
            if !isNew || slot != UInt32(number) { Issue.record("slot \(slot) for \(number)") }
        }
        for number in stride(from: 0, to: count, by: 97) {
            let key = GroupKey(low: UInt64(number), high: 5, shape: KeyShape(length: 16), hash)
            #expect(table.slot(pane: 1, key).slot == UInt32(number))
        }
    }

    @Test("finds what a dictionary finds, whatever was put in and taken out before", arguments: 0..<12)
    func model(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lanes = Int(seed / 3 % 4)
        var table = GroupTable(seed: seed, lanes: lanes)
        var slots: [Name: UInt32] = [:]
        var most = 0
        let variety = [2, 8, 200][Int(seed % 3)]
        for step in 0..<4000 {
            if step == 300 * seed { table.divide() }
            let name = Self.name(&random, variety: variety)
            if Int.random(in: 0..<(step % 1000 < 500 ? 10 : 4), using: &random) < 2 {
                let victim = slots.keys.randomElement(using: &random) ?? name
                if let slot = slots.removeValue(forKey: victim) { table.remove(slot) }
            } else {
                let (slot, isNew) = try #require(Self.slot(name, in: &table, seed, &random))
                try #require(isNew == (slots[name] == nil), "seed \(seed) step \(step)")
                if let known = slots[name] { #expect(known == slot) }
                slots[name] = slot
            }
            most = max(most, slots.count)
            #expect(table.count == slots.count)
        }
        // Slots are given to others before new ones are used; each shard has slots of its own.
        if lanes == 0 { #expect(table.slotLimit == most) }
        #expect(table.slotLimit <= lanes * (most + SlotBlocks.size) || lanes == 0)
        #expect(Set(slots.values).count == slots.count)
        for (name, slot) in slots {
            #expect(table.withKey(slot) { Array($0) } == name.key)
            let (found, isNew) = try #require(Self.slot(name, in: &table, seed, &random))
            #expect(found == slot && !isNew)
            var buffer = ByteBuffer()
            let copy = table.copyKey(slot, into: &buffer)
            #expect(table.slot(pane: name.pane, copy).slot == slot)
        }
    }

    @Test("the rows of a pane are its groups, wherever they are in the table", arguments: 0..<12)
    func rowsOfPane(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = GroupTable(seed: seed, lanes: Int(seed % 3))
        let hash = KeyHash(seed: seed)
        let count = [1, 3, 1 << 14, 1 << 14 + 1, 40_000, 70_000][Int(seed % 6)]
        var slots: Set<UInt32> = []
        // Others have slots here and there, or at one end.
        let others = seed % 4 < 2 ? Int.random(in: 1...20, using: &random) : count
        for number in 0..<count {
            if number == count / 2 { table.divide() }
            let isOther = number % others == others - 1 || (others == count && number < count / 3)
            let key = GroupKey(low: UInt64(number), high: 5, shape: KeyShape(length: 16), hash)
            let slot = table.slot(pane: isOther ? 1 : 2, key).slot
            if !isOther { slots.insert(slot) }
        }
        for slot in slots where slot % 7 == 0 {
            table.remove(slot)
            slots.remove(slot)
        }
        var rows = PendingRows()
        rows.addAll(of: 2, WindowBounds(start: 1, end: 2), table, ShuffledCrew(seed: seed))
        #expect(rows.count == slots.count)
        let all = (0..<rows.count).map { (slot: rows.rows[$0].slot, state: rows.rows[$0].state) }
        let isSame = Set(all.map(\.slot)) == slots && all.allSatisfy { $0.slot == $0.state }
        #expect(isSame)
    }

    @Test("equal keys of two panes are two groups")
    func panes() throws {
        var table = GroupTable(seed: 1)
        var random = SeededGenerator(seed: 1)
        let key = [UInt8](repeating: 7, count: 40)
        let slots = (0..<3).compactMap {
            Self.slot(Name(pane: $0, key: key, isText: false), in: &table, 1, &random)?.slot
        }
        #expect(Set(slots).count == 3)
    }

    @Test("memory of keys is used again when they are gone")
    func keyMemory() {
        var memory = KeyMemory()
        let key = [UInt8](repeating: 1, count: 9000)
        var places: Set<UnsafeRawPointer> = []
        for round in 0..<500 {
            var living: [(UnsafeRawPointer, UInt8, Int)] = []
            for number in 0..<40 {
                let count = [17, 100, 300, 8000][(round + number) % 4]
                var bytes = key
                bytes[0] = UInt8(number)
                let place = bytes.withUnsafeBytes { $0.baseAddress.map { memory.copy($0, count) } }
                guard let place else { continue }
                living.append((place, UInt8(number), count))
            }
            for (place, first, count) in living {
                #expect(
                    place.load(as: UInt8.self) == first && place.load(fromByteOffset: count - 1, as: UInt8.self) == 1)
                places.insert(UnsafeRawPointer(bitPattern: UInt(bitPattern: place) & ~0xffff) ?? place)
                memory.release(place)
            }
        }
        // 40 keys of 2 KiB on average are two or three chunks of 64 KiB.
        #expect(places.count < 10)
    }
}
