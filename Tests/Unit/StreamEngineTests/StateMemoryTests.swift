import Testing

@testable import StreamEngine

@Suite("Memory of the state") struct StateMemoryTests {
    @Test("a block is at least as large as asked, and at most a quarter larger") func classes() {
        var last = BlockClass(0)
        #expect(last.bytes == 32 && last.number == 0)
        for bytes in Array(1...5000) + (13...22).flatMap({ [1 << $0 - 1, 1 << $0, 1 << $0 + 1] }) {
            let block = BlockClass(bytes)
            #expect(block.bytes >= bytes && (bytes <= 32 || block.bytes <= bytes + bytes / 4 + 1), "\(bytes)")
            #expect(block.isPooled == (bytes <= 1 << 15))
            if block.isPooled { #expect(BlockClass(number: block.number).bytes == block.bytes) }
            if bytes <= 5000 {
                #expect(block.number >= last.number && block.bytes >= last.bytes)
                last = block
            }
        }
    }

    @Test("blocks in use never overlap, whatever is allocated and freed") func blocks() {
        var random = SeededGenerator(seed: 4)
        var used: [(memory: UnsafeMutableRawPointer, count: Int, mark: UInt8)] = []
        for step in 0..<20_000 {
            // Few and many, so that slabs become full and empty.
            if used.count < step % 4000 / 4, Bool.random(using: &random) {
                let count = 1 << Int.random(in: 0...13, using: &random) + Int.random(in: 0...40, using: &random)
                let memory = StateMemory.allocate(byteCount: count)
                #expect(UInt(bitPattern: memory) % (count % 16 == 0 ? 16 : 8) == 0)
                memory.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: step), count: count)
                used.append((memory, count, UInt8(truncatingIfNeeded: step)))
            } else if !used.isEmpty {
                let (memory, count, mark) = used.remove(at: Int.random(in: 0..<used.count, using: &random))
                let bytes = UnsafeRawBufferPointer(start: memory, count: count)
                #expect(bytes.allSatisfy { $0 == mark })
                StateMemory.free(memory, byteCount: count)
            }
        }
        for (memory, count, _) in used { StateMemory.free(memory, byteCount: count) }
    }

    @Test("a text that is set stays apart from its copies") func texts() {
        func text(_ owned: OwnedText) -> String { owned.withBytes { String(decoding: $0, as: UTF8.self) } }
        func make(_ string: String) -> OwnedText { Array(string.utf8).withUnsafeBytes { OwnedText($0) } }
        var first = make("first")
        let copy = first
        Array("2".utf8).withUnsafeBytes { first.set($0) }
        #expect(text(first) == "2" && text(copy) == "first")
        Array("a longer text than before".utf8).withUnsafeBytes { first.set($0) }
        #expect(text(first) == "a longer text than before" && text(make("")) == "")
        #expect(first.memoryBytes >= 25)
    }
}
