import Testing

@testable import StreamEngine

@Suite("content hash") struct ContentHashTests {
    private func hash(_ pieces: some Sequence<ArraySlice<UInt8>>) -> UInt64 {
        var hash = ContentHash()
        for piece in pieces { piece.withUnsafeBytes { hash.add($0) } }
        return hash.value
    }

    @Test("the pieces make no difference") func pieces() {
        var random = SeededGenerator(seed: 7)
        for size in [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 300, 5000] {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            let whole = hash([bytes[...]])
            for _ in 0..<30 {
                var pieces: [ArraySlice<UInt8>] = []
                var start = 0
                while start < size {
                    let end = min(
                        size, start + Int.random(in: 0...Int.random(in: 1...100, using: &random), using: &random))
                    pieces.append(bytes[start..<end])
                    start = end
                }
                #expect(hash(pieces) == whole)
            }
        }
    }

    @Test("every byte, and how many there are, makes a difference") func bytes() {
        let bytes = (0..<100).map { UInt8($0) }
        var hashes: Set<UInt64> = [hash([bytes[...]])]
        for index in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[index] ^= 1 << UInt8(bit)
                hashes.insert(hash([other[...]]))
            }
        }
        for count in 0..<200 { hashes.insert(hash([[UInt8](repeating: 0, count: count)[...]])) }
        #expect(hashes.count == 1 + 800 + 200)
    }

    @Test("stays as checkpoints have it") func stored() {
        #expect(hash([]) == 0xf82074096813c387)
        #expect(hash([Array("id,name\n1,a\n".utf8)[...]]) == 0x0feea79e9a86468d)
        #expect(hash([(0..<100).map { UInt8($0) }[...]]) == 0x9234fbd9fdd42e4a)
    }
}
