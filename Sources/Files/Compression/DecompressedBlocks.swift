import StreamEngine
import System

/// Decompressed bytes on their way from the thread that decompresses to the one that reads.
///
/// Unchecked: the fields are used under `state` only; a block by the thread that has taken it.
final class DecompressedBlocks: @unchecked Sendable {
    /// A block, which begins with the last bytes of the one before, so that the hash of any position in it can be computed.
    final class Block {
        static let size = 256 * 1024
        fileprivate let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: PositionHash.reach + Block.size, alignment: 16)
        /// The position of its first byte among all decompressed bytes.
        fileprivate(set) var start = 0
        fileprivate(set) var count = 0
        /// Bytes of the file that were needed up to its end.
        fileprivate(set) var compressedEnd = 0

        deinit { memory.deallocate() }

        /// Where the next bytes go.
        var room: UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(rebasing: memory[(PositionHash.reach + count)...])
        }

        func advance(_ bytes: Int) { count += bytes }

        /// Up to `most` bytes before a position between those of its start and its end.
        func bytes(before position: Int, most: Int) -> UnsafeRawBufferPointer {
            let end = PositionHash.reach + position - start
            return UnsafeRawBufferPointer(rebasing: memory[end - min(most, position)..<end])
        }

        /// Empties it.
        ///
        /// - Parameters:
        ///   - position: where its first byte will be among all decompressed bytes.
        ///   - tail: up to `PositionHash.reach` bytes before that.
        func begin(at position: Int, after tail: [UInt8]) {
            start = position
            count = 0
            UnsafeMutableRawBufferPointer(rebasing: memory[(PositionHash.reach - tail.count)...]).copyBytes(from: tail)
        }
    }

    private static let most = 4

    private let state = Monitor()
    /// Readable while there is something to read.
    private let wakePipe = WakePipe()
    private var hasNotified = false
    private var ready: [Block] = []
    private var free: [Block] = []
    private var blockCount = 0
    private var hasEnded = false
    private var failure: ReadError?
    private var isStopped = false
    /// The first bytes of all.
    private var head: [UInt8] = []

    /// The block that is being read, and how much of it was.
    private var current: Block?
    private var taken = 0

    // MARK: - The thread that decompresses

    /// A block to fill. Waits until there is one; nil if nothing is read any more.
    func takeFree() -> Block? {
        state.lock()
        defer { state.unlock() }
        while free.isEmpty, blockCount == Self.most, !isStopped { state.wait() }
        if isStopped { return nil }
        if let block = free.popLast() { return block }
        blockCount += 1
        return Block()
    }

    /// Keeps the first bytes, for the hashes of positions.
    func note(head: [UInt8]) {
        state.lock()
        self.head = head
        state.unlock()
    }

    func publish(_ block: Block, compressedEnd: Int) {
        block.compressedEnd = compressedEnd
        state.lock()
        ready.append(block)
        notify()
        state.unlock()
    }

    /// Called once, after the last block.
    ///
    /// - Parameter failure: why no more follows; nil at the end.
    func end(_ failure: ReadError?) {
        state.lock()
        self.failure = failure
        hasEnded = true
        notify()
        state.unlock()
    }

    private func notify() {
        if !hasNotified { wakePipe.notify() }
        hasNotified = true
        state.notifyAll()
    }

    // MARK: - The reader

    /// The descriptor to wait for; nil if there is none, so that `read` waits.
    var waitsFor: Int32? { wakePipe.readEnd >= 0 ? wakePipe.readEnd : nil }

    /// Copies the bytes that are ready and fit.
    ///
    /// - Returns: their number, 0 at the end; nil if none are ready yet.
    func read(into room: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? {
        state.lock()
        defer { state.unlock() }
        while current.map({ taken == $0.count }) ?? true {
            if !ready.isEmpty {
                if let current { free.append(current) }
                current = ready.removeFirst()
                taken = 0
                state.notifyAll()
            } else if let failure {
                throw failure
            } else if hasEnded {
                return 0
            } else if waitsFor == nil {
                state.wait()
            } else {
                wakePipe.drain()
                hasNotified = false
                return nil
            }
        }
        guard let current else { return nil }
        let position = current.start + taken + min(room.count, current.count - taken)
        let bytes = current.bytes(before: position, most: position - current.start - taken)
        room.copyMemory(from: bytes)
        taken += bytes.count
        return bytes.count
    }

    /// The hash of a position in the bytes that were read last; nil for another.
    func hash(at position: Int) -> Int64? {
        state.lock()
        defer { state.unlock() }
        guard let current, position >= current.start, position <= current.start + taken else { return nil }
        return PositionHash(head, current.bytes(before: position, most: PositionHash.reach), position).value
    }

    /// Bytes of the file that were needed for what was read.
    var compressedPosition: Int {
        state.lock()
        defer { state.unlock() }
        return current?.compressedEnd ?? 0
    }

    /// Nothing will be read any more.
    func stop() {
        state.lock()
        isStopped = true
        state.notifyAll()
        state.unlock()
    }
}
