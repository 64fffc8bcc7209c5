import Glibc
import StreamEngine
import System
import Testing

@testable import Files

@Suite("gaps in the batches of a file")
struct FileGapsTests {
    private static func source(_ paths: [String], block: Int) -> FileSource {
        FileSource(paths: paths, maxLine: 1 << 20, interrupt: Interrupt(), block: block)
    }

    /// Lines of 1 to 60 000 bytes, few of them long; the last one has no newline.
    private static func text(seed: UInt64) -> String {
        var random = seed
        func below(_ limit: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % limit
        }
        var text = ""
        while text.utf8.count < 1_500_000 {
            let length =
                switch below(200) {
                case 0: below(60_000)
                case 1...5: below(7000)
                default: below(150)
                }
            text += String(repeating: ["a", "b", "c", "d"][below(4)], count: length) + "\n"
        }
        return text + "end"
    }

    @Test("are filled by the bytes that are there", arguments: [5000, 9000, 40_000, 256 * 1024], [1, 2])
    func sameBytes(block: Int, seed: UInt64) throws {
        let folder = TemporaryFolder()
        let text = Self.text(seed: seed)
        let path = try folder.file("a", text)
        var source = Self.source([path], block: block)
        var batch = Batch(capacity: block)
        batch.mayHaveGap = true
        var (all, end, gaps) = ("", 0, 0)
        while case .lines = try source.read(into: &batch, deadline: nil) {
            if batch.hasGap { gaps += 1 }
            try batch.fillGap()
            let isNext = !batch.hasGap && batch.position == end
            #expect(isNext)
            end = batch.end.position
            let piece = Piece(batch).text
            #expect(piece.hasSuffix("\n") || end == text.utf8.count)
            all += piece
        }
        #expect(all == text)
        #expect(gaps > 1)
    }

    @Test("can be filled in any order, after the source has closed the file") func later() throws {
        let folder = TemporaryFolder()
        let line = String(repeating: "x", count: 99) + "\n"
        let paths = try ["a", "b"].map { try folder.file($0, String(repeating: line, count: 400)) }
        var source = Self.source(paths, block: 16 * 1024)
        var first = Batch()
        var second = Batch()
        first.mayHaveGap = true
        second.mayHaveGap = true
        // The first read of a file decides whether it is compressed.
        repeat { #expect(try source.read(into: &first, deadline: nil) == .lines) } while !first.hasGap
        repeat {
            #expect(try source.read(into: &second, deadline: nil) == .lines)
        } while second.input == 0 || !second.hasGap
        try second.fillGap()
        try first.fillGap()
        #expect(Piece(first).text.hasPrefix(String(repeating: line, count: 100)))
        #expect(Piece(second).text.hasPrefix(String(repeating: line, count: 100)))
    }

    @Test("that a file no longer fills are an error with the place") func truncated() throws {
        let folder = TemporaryFolder()
        let path = try folder.file("a", String(repeating: String(repeating: "x", count: 99) + "\n", count: 1000))
        var source = Self.source([path], block: 16 * 1024)
        var batch = Batch()
        batch.mayHaveGap = true
        #expect(try source.read(into: &batch, deadline: nil) == .lines)
        #expect(try source.read(into: &batch, deadline: nil) == .lines)
        let isLeft = batch.hasGap
        #expect(isLeft)
        let start = batch.position
        #expect(truncate(path, 100) == 0)
        let problem = RunError.noInput(
            "\(path): truncated to 100 bytes while it was being read, up to byte \(start); the records after that are missing"
        )
        do throws(RunError) {
            try batch.fillGap()
            Issue.record("filled")
        } catch {
            #expect(error == problem)
        }
    }

    @Test("are not left where lines are counted, or where nothing fills them") func never() throws {
        let folder = TemporaryFolder()
        let path = try folder.file("a", String(repeating: String(repeating: "x", count: 99) + "\n", count: 1000))
        var batch = Batch()
        var counting = FileSource(
            paths: [path], maxLine: 1000, interrupt: Interrupt(), columns: [.lineNumber], block: 16 * 1024)
        batch.mayHaveGap = true
        #expect(try counting.read(into: &batch, deadline: nil) == .lines)
        var hasGap = batch.hasGap
        #expect(!hasGap)
        var usual = Self.source([path], block: 16 * 1024)
        batch.mayHaveGap = false
        #expect(try usual.read(into: &batch, deadline: nil) == .lines)
        hasGap = batch.hasGap
        #expect(!hasGap)
    }
}
