import Dispatch
import Synchronization
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

    @Test("threads may free the blocks of others") func threads() {
        final class Piles: Sendable {
            let piles = Mutex<[[(memory: Int, count: Int, mark: UInt8)]]>(Array(repeating: [], count: 8))
        }
        let shared = Piles()
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            var random = SeededGenerator(seed: UInt64(thread))
            for step in 0..<5000 {
                let count = 1 << Int.random(in: 0...12, using: &random)
                let memory = StateMemory.allocate(byteCount: count)
                let mark = UInt8(truncatingIfNeeded: step &* 8 &+ thread)
                memory.initializeMemory(as: UInt8.self, repeating: mark, count: count)
                let own = (Int(bitPattern: memory), count, mark)
                // Gives its block to one thread, and takes one that may come from any.
                let to = Int.random(in: 0..<8, using: &random)
                let other = shared.piles.withLock { piles -> (memory: Int, count: Int, mark: UInt8)? in
                    piles[to].append(own)
                    return piles[thread].count > 20 ? piles[thread].removeFirst() : nil
                }
                guard let other, let block = UnsafeMutableRawPointer(bitPattern: other.memory) else { continue }
                #expect(UnsafeRawBufferPointer(start: block, count: other.count).allSatisfy { $0 == other.mark })
                StateMemory.free(block, byteCount: other.count)
            }
        }
        for (memory, count, mark) in shared.piles.withLock({ $0 }).joined() {
            guard let block = UnsafeMutableRawPointer(bitPattern: memory) else { continue }
            #expect(UnsafeRawBufferPointer(start: block, count: count).allSatisfy { $0 == mark })
            StateMemory.free(block, byteCount: count)
        }
    }

    @Test("a lock lets one thread in at a time, however many wait") func lock() {
        final class Count: Sendable { let lock = BriefLock(0) }
        let count = Count()
        DispatchQueue.concurrentPerform(iterations: 16) { _ in
            for _ in 0..<20_000 { count.lock.withLock { $0 += 1 } }
        }
        #expect(count.lock.withLock { $0 } == 320_000)
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
