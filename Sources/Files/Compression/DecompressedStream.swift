import Glibc
import StreamEngine
import System

/// The decompressed bytes of a file or pipe. A thread of its own decompresses them, a few blocks ahead of the reader.
final class DecompressedStream: ByteStream {
    private let blocks: DecompressedBlocks
    private let stop: Interrupt
    private let thread: BackgroundThread

    /// - Parameters:
    ///   - head: the first bytes of the file, if they were read already.
    ///   - position: decompressed bytes to skip.
    ///   - checksMembers: each member is checked to its end before bytes of it after `position` are returned. What a job has
    ///     committed cannot turn out to be damaged then.
    /// - Throws: if a thread cannot be started.
    init(
        _ file: consuming FileDescriptor, _ compression: Compression, head: [UInt8] = [], skippingTo position: Int = 0,
        checksMembers: Bool = false
    ) throws(ReadError) {
        stop = Interrupt()
        blocks = DecompressedBlocks()
        let decompressor = Decompressor(
            file, compression, head: head, stop: stop, checkedFrom: checksMembers ? position : nil)
        let producer = Producer(decompressor, blocks, stop, skippingTo: position)
        guard let thread = BackgroundThread.start({ producer.run() }) else { throw .file(FileError(code: EAGAIN)) }
        self.thread = thread
    }

    deinit {
        stop.raise(SIGPIPE)
        blocks.stop()
        thread.join()
    }

    var waitsFor: Int32? { blocks.waitsFor }
    var size: Int? { nil }
    var compressedPosition: Int? { blocks.compressedPosition }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? { try blocks.read(into: buffer) }

    func hash(at position: Int) -> Int64? { blocks.hash(at: position) }
}

/// What the thread runs.
///
/// Unchecked: only that thread uses it after it was started.
private final class Producer: @unchecked Sendable {
    private var decompressor: Decompressor
    private let blocks: DecompressedBlocks
    private let stop: Interrupt
    private let skipped: Int
    /// The first bytes of all, and the last so far.
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    /// Why no more follows the block that was filled last.
    private var failure: ReadError?

    init(
        _ decompressor: consuming Decompressor, _ blocks: DecompressedBlocks, _ stop: Interrupt,
        skippingTo position: Int
    ) {
        self.decompressor = decompressor
        self.blocks = blocks
        self.stop = stop
        skipped = position
    }

    func run() {
        do throws(ReadError) {
            let skippedBlock = DecompressedBlocks.Block()
            while decompressor.position < skipped, try fill(skippedBlock, upTo: skipped) {}
            while let block = blocks.takeFree(), try fill(block, upTo: .max) {
                blocks.publish(block, compressedEnd: decompressor.offset)
            }
            blocks.end(nil)
        } catch {
            blocks.end(error)
        }
    }

    /// Fills a block with what there is, at least one byte.
    ///
    /// - Parameter limit: the position at which it ends at the latest.
    /// - Returns: false at the end, or if nothing is read any more.
    private func fill(_ block: DecompressedBlocks.Block, upTo limit: Int) throws(ReadError) -> Bool {
        if let failure { throw failure }
        block.begin(at: decompressor.position, after: tail)
        do throws(ReadError) {
            while block.room.count > 0, decompressor.position < limit {
                let room = block.room.prefix(limit - decompressor.position)
                if let count = try decompressor.read(into: UnsafeMutableRawBufferPointer(rebasing: room)) {
                    if count == 0 { break }
                    block.advance(count)
                } else if block.count > 0 {
                    break
                } else if let descriptor = decompressor.waitsFor {
                    guard wait(for: descriptor, interrupt: stop, deadline: nil) == .ready else { return false }
                }
            }
        } catch {
            guard block.count > 0 else { throw error }
            failure = error
        }
        keepEnds(of: block)
        return block.count > 0
    }

    /// Keeps the bytes that the hashes of positions need.
    private func keepEnds(of block: DecompressedBlocks.Block) {
        let end = block.start + block.count
        tail = Array(block.bytes(before: end, most: PositionHash.reach))
        guard head.count < PositionHash.reach else { return }
        head += block.bytes(before: end, most: block.count).prefix(PositionHash.reach - head.count)
        blocks.note(head: head)
    }
}
