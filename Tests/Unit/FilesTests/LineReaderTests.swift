import Glibc
import StreamEngine
import System
import Testing

@testable import Files

@Suite("lines")
struct LineReaderTests {
    @Test("positions count the bytes of a stream, whatever its kind", arguments: [1, 2, 5, 100])
    func madeBytes(piece: Int) throws {
        let input = Array("a\nbb\n\nccc\nd".utf8)
        for start in [0, 2, 5] {
            var stream = MadeBytes(input, piece: piece)
            stream.skip(to: start)
            var reader = LineReader(maxLine: 100, block: 4)
            var batch = Batch(capacity: 8)
            reader.start(input: 1, position: start)
            reader.begin(&batch)
            var end = start
            reading: while true {
                switch try reader.read(from: &stream, into: &batch) {
                case .lines:
                    #expect(batch.position == end && batch.input == 1 && batch.startsInput == (end == 0))
                    #expect(Array(batch.bytes) == Array(input[end...].prefix(batch.count)))
                    end = batch.end.position
                    // Only the last line has no end, and it comes on its own.
                    #expect(batch.isLastLineOpen == (end == input.count))
                    #expect(!batch.isLastLineOpen || batch.bytes.elementsEqual("d".utf8))
                    reader.begin(&batch)
                case .incomplete: continue
                case .end: break reading
                }
            }
            #expect(end == input.count)
        }
    }

    /// Hands `pieces` to a pipe one by one and reads after each.
    private func read(_ pieces: [ArraySlice<UInt8>], maxLine: Int, block: Int) throws -> [Piece] {
        let (input, output) = FileDescriptor.pipe()
        var reading = ContentStream(.owning(input), decompresses: false)
        let writing = FileDescriptor.owning(output)
        var reader = LineReader(maxLine: maxLine, block: block)
        var batch = Batch(capacity: 8)
        var seen: [Piece] = []
        reader.start(input: 3)
        _ = fcntl(input, F_SETFL, O_NONBLOCK)
        /// Reads until there is nothing, in a batch of its own each time.
        func readAll() throws -> Bool {
            reader.begin(&batch)
            while true {
                let before = batch.count
                let skipped = reader.skipped
                switch try reader.read(from: &reading, into: &batch) {
                case .lines:
                    seen.append(Piece(batch))
                    reader.begin(&batch)
                case .incomplete:
                    guard batch.count == before, reader.skipped == skipped else { continue }
                    reader.suspend(&batch)
                    return false
                case .end:
                    return true
                }
            }
        }
        for piece in pieces {
            try writing.write(Array(piece))
            #expect(try !readAll())
        }
        try writing.close()
        // A process that is being started elsewhere may hold a copy of the writing end for a moment: wait for the end.
        _ = fcntl(input, F_SETFL, 0)
        #expect(try readAll())
        return seen
    }

    @Test("however the bytes arrive, batches hold whole lines in order, with their positions")
    func everySplit() throws {
        let input = Array("a\nbb\n\nccc\nd".utf8)
        for cuts in 0..<(1 << (input.count - 1)) {
            var pieces: [ArraySlice<UInt8>] = []
            var start = 0
            for index in 1..<input.count where cuts >> (index - 1) & 1 == 1 {
                pieces.append(input[start..<index])
                start = index
            }
            pieces.append(input[start...])
            for block in [1, 3, 64] {
                let seen = try read(pieces, maxLine: 100, block: block)
                var position = 0
                for (index, piece) in seen.enumerated() {
                    try #require(piece.position == position && piece.input == 3)
                    try #require(piece.startsInput == (index == 0))
                    try #require(piece.text.hasSuffix("\n") == (index < seen.count - 1))
                    position += piece.text.utf8.count
                }
                try #require(seen.map(\.text).joined() == String(decoding: input, as: UTF8.self))
            }
        }
    }

    @Test("an overlong line is truncated, and what follows keeps its position", arguments: [1, 5, 16, 64, 4096])
    func longLines(block: Int) throws {
        let long = String(repeating: "x", count: 500)
        let input = Array("ok\n\(long)\nafter\n\(long)\nend".utf8)
        for size in [1, 2, 7, 100, 502, 503, 504, 505, 600, input.count] {
            let pieces = stride(from: 0, to: input.count, by: size).map { input[$0..<min($0 + size, input.count)] }
            var lines: [(position: Int, text: String)] = []
            for piece in try read(pieces, maxLine: 10, block: block) {
                var position = piece.position
                for line in piece.text.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
                    lines.append((position, String(line)))
                    position += line.utf8.count + 1
                }
            }
            try #require(lines.map(\.position) == [0, 3, 504, 510, 1011])
            for index in [1, 3] {
                #expect(lines[index].text.utf8.count > 10)
                #expect(long.hasPrefix(lines[index].text))
            }
            #expect([0, 2, 4].map { lines[$0].text } == ["ok", "after", "end"])
        }
    }

    @Test("only the beginning of an endless line is kept")
    func boundedMemory() throws {
        var zeros = ContentStream(try .openForReading("/dev/zero"), decompresses: false)
        var reader = LineReader(maxLine: 1000, block: 4096)
        var batch = Batch(capacity: 4096)
        reader.start(input: 0)
        reader.begin(&batch)
        for _ in 0..<1000 {
            guard case .incomplete = try reader.read(from: &zeros, into: &batch) else {
                Issue.record("a line")
                return
            }
            #expect(batch.count == 1000 + LineReader.slack)
            reader.suspend(&batch)
            reader.begin(&batch)
        }
        #expect(batch.capacity <= 3 * 4096)
    }

    @Test("the longest line allowed is delivered whole", arguments: [0, 1, 15, 16, 17, 255])
    func longestLine(length: Int) throws {
        let line = String(repeating: "y", count: length)
        for end in ["", "\n", "\r\n"] {
            let input = Array((line + end).utf8)
            let seen = try read([input[...]], maxLine: length, block: 7)
            #expect(seen.map(\.text).joined() == line + end)
        }
    }
}
