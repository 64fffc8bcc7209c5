import Testing

@testable import StreamEngine

@Suite struct GroupTableTests {
    private struct Name: Hashable {
        var owner: UInt32
        var key: [UInt8]
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
        return Name(owner: UInt32.random(in: 0..<3, using: &random), key: key)
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
                table.slot(
                    owner: name.owner, GroupKey(base, length: name.key.count, KeyHash(seed: seed)))
            }
        }
    }

    @Test("a string's key is the same whether it was encoded or taken where it stands", arguments: 0...14)
    func shortText(length: Int) {
        let bytes = Array("0123456789:\"abcdefghijklmn----------------".utf8)
        let hash = KeyHash(seed: 5)
        bytes.withUnsafeBytes { place in
            guard let text = place.baseAddress.map({ $0 + 12 }) else { return }
            let value = Value(UnsafeRawBufferPointer(start: text, count: length))
            var encoded = ByteBuffer()
            TypedBytes.append(value, to: &encoded)
            let long = GroupKey(UnsafeRawPointer(encoded.start(padding: 16)), length: encoded.count, hash)
            let short = GroupKey(shortText: text, length: length, hash)
            #expect(short.low == long.low && short.high == long.high)
            #expect(short.length == long.length && short.hash == long.hash)
        }
    }

    @Test("finds what a dictionary finds, whatever was put in and taken out before", arguments: 0..<12)
    func model(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var table = GroupTable(seed: seed)
        var slots: [Name: UInt32] = [:]
        var most = 0
        let variety = [2, 8, 200][Int(seed % 3)]
        for step in 0..<4000 {
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
        // Slots are given to others before new ones are used.
        #expect(table.slotLimit == most)
        #expect(Set(slots.values).count == slots.count)
        for (name, slot) in slots {
            #expect(table.withKey(slot) { Array($0) } == name.key)
            let (found, isNew) = try #require(Self.slot(name, in: &table, seed, &random))
            #expect(found == slot && !isNew)
            var buffer = ByteBuffer()
            let copy = table.copyKey(slot, into: &buffer)
            #expect(table.slot(owner: name.owner, copy).slot == slot)
        }
    }

    @Test("equal keys of two owners are two groups")
    func owners() throws {
        var table = GroupTable(seed: 1)
        var random = SeededGenerator(seed: 1)
        let key = [UInt8](repeating: 7, count: 40)
        let slots = (0..<3).compactMap { Self.slot(Name(owner: $0, key: key), in: &table, 1, &random)?.slot }
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
