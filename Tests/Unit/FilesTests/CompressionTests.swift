import Glibc
import StreamEngine
import System
import Testing

@testable import Files

@Suite("the first bytes of compressed data") struct CompressionTests {
    private func evidence(_ bytes: [UInt8]) -> Compression.Evidence {
        bytes.withUnsafeBytes { Compression.evidence($0) }
    }

    private static let heads: [(Compression, [UInt8])] = [
        (.gzip, [0x1f, 0x8b]), (.zstd, [0x28, 0xb5, 0x2f, 0xfd]), (.xz, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
        (.lz4, [0x04, 0x22, 0x4d, 0x18]), (.bzip2, Array("BZh9".utf8) + [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]),
        (.bzip2, Array("BZh1".utf8) + [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]),
    ]

    @Test("each form has its own; fewer bytes decide nothing") func heads() {
        for (compression, head) in Self.heads {
            #expect(evidence(head) == .compressed(compression))
            #expect(evidence(head + [1, 2, 3]) == .compressed(compression))
            for count in 1..<head.count { #expect(evidence(Array(head[..<count])) == .undecided(compression)) }
            for index in head.indices {
                var other = head
                other[index] ^= 0x80
                #expect(evidence(other) == .other, "\(compression) \(index)")
            }
        }
    }

    @Test("a skippable frame has a number in its first byte") func skippable() {
        for number in UInt8(0)...15 { #expect(evidence([0x50 + number, 0x2a, 0x4d, 0x18]) == .skippable) }
        #expect(evidence([0x60, 0x2a, 0x4d, 0x18]) == .other)
    }

    @Test("text is something else from its first byte on, or from the first one that differs") func text() {
        for text in ["{", "[{", "a", " ", "\n", "\u{feff}{", "P1", "BZ=", "BZhang", "BZh0", "BZh9 ", "(a", "0"] {
            #expect(evidence(Array(text.utf8)) == .other, "\(text)")
        }
        #expect(evidence(Array("B".utf8)) == .undecided(.bzip2))
        #expect(evidence([0xff, 0xfe]) == .other && evidence([0]) == .other)
    }

    @Test("a whole file of some of the first bytes is cut off if they are enough to be sure") func wholeFiles() {
        #expect(Compression(head: Array("BZh9".utf8), isWhole: true) == .bzip2)
        #expect(Compression(head: Array("BZh9".utf8), isWhole: false) == nil)
        #expect(Compression(head: Array("BZh".utf8), isWhole: true) == nil)
        #expect(Compression(head: [0xfd, 0x37, 0x7a, 0x58], isWhole: true) == .xz)
        #expect(Compression(head: [0x1f], isWhole: true) == nil && Compression(head: [], isWhole: true) == nil)
    }
}

@Suite(
    "compressed files",
    .enabled(if: Compression.areToolsInstalled, "gzip, zstd, bzip2, xz or lz4 is not installed"))
struct CompressedFileTests: ~Copyable {
    private let folder = TemporaryFolder()
    private let small = sampleLines(15)

    private func defect(_ reading: Reading) -> String? {
        guard let error = reading.error else { return nil }
        #expect(error.kind == .damagedInput)
        return error.text
    }

    @Test("content, also of many blocks, is that of the file", arguments: Compression.allCases)
    func content(_ compression: Compression) throws {
        for lines in [0, 1, 40, 20_000] {
            let content = sampleLines(lines)
            let path = try folder.file("a", try compressed(content, compression))
            for (block, isJob) in [(256 * 1024, false), (256 * 1024, true), (1000, false)] {
                let reading = Reading([path], block: block, isJob: isJob)
                #expect(reading.error == nil && reading.bytes == content)
            }
        }
    }

    @Test("lines go on across members, of any form", arguments: Compression.allCases)
    func members(_ compression: Compression) throws {
        for other in Compression.allCases {
            let first = try compressed(Array(small[..<301]), compression)
            let second = try compressed(Array(small[301...]), other)
            let path = try folder.file("a", first + second)
            for isJob in [false, true] {
                let reading = Reading([path], isJob: isJob)
                #expect(reading.error == nil && reading.bytes == small, "\(compression) \(other)")
            }
        }
        let nothing = try compressed([], compression)
        let path = try folder.file("a", nothing + (try compressed(small, compression)) + nothing + nothing)
        #expect(Reading([path]).bytes == small)
    }

    @Test("frames without content are skipped", arguments: [Compression.zstd, .lz4])
    func skippable(_ compression: Compression) throws {
        let frame: [UInt8] = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let data = try compressed(small, compression)
        let path = try folder.file("a", frame + data + frame + data)
        let reading = Reading([path])
        #expect(reading.error == nil && reading.bytes == small + small)
        for count in 4..<frame.count {
            let cut = Reading([try folder.file("a", Array(frame[..<count]))])
            #expect(defect(cut)?.contains("ends too early, at byte \(count) of the file") == true, "\(count)")
        }
        #expect(Reading([try folder.file("a", frame)]).error == nil)
    }

    @Test(
        "wherever a file is cut, the whole lines of what came are read, and the place is named",
        arguments: Compression.allCases)
    func cuts(_ compression: Compression) throws {
        let data = try compressed(small, compression)
        for count in 4..<data.count {
            let path = try folder.file("a", Array(data[..<count]))
            for isJob in [false, true] {
                let reading = Reading([path], isJob: isJob)
                #expect(
                    defect(reading)?.hasPrefix(
                        "\(path): the \(compression.name) data ends too early, at byte \(count) of the file; ") == true)
                #expect(small.starts(with: reading.bytes) && (reading.bytes.last ?? 10) == 10)
                #expect(!isJob || reading.bytes.isEmpty)
            }
        }
    }

    @Test("of a file that is cut off before its trailer, all but the last line without an end is read") func trailer()
        throws
    {
        for (content, kept) in [(small, small), (small + Array("{\"n\"".utf8), small)] {
            let path = try folder.file("a", try compressed(content, .gzip).dropLast(8))
            let reading = Reading([path])
            #expect(reading.bytes == kept)
            let isDropped = defect(reading)?.hasSuffix("except its incomplete last line (4 bytes)") == true
            #expect(isDropped == (content.count > kept.count))
        }
    }

    @Test("zeros after the end mean nothing in gzip and xz", arguments: Compression.allCases)
    func zeros(_ compression: Compression) throws {
        let data = try compressed(small, compression)
        for count in [1, 4, 512, 200_000] {
            let path = try folder.file("a", data + [UInt8](repeating: 0, count: count))
            let reading = Reading([path])
            #expect(reading.bytes == small)
            #expect((reading.error == nil) == compression.allowsZeros)
            let again = Reading([try folder.file("a", data + [UInt8](repeating: 0, count: count) + data)])
            #expect(again.bytes == (compression.allowsZeros ? small + small : small))
        }
        let path = try folder.file("a", [UInt8](repeating: 0, count: 10))
        #expect(Reading([path]).error == nil)
    }

    @Test(
        "something else after the end is an error that names the place and the remedy",
        arguments: Compression.allCases, ["x", "{\"n\":1}\n", "\u{1f}"])
    func foreignEnd(_ compression: Compression, _ rest: String) throws {
        let data = try compressed(small, compression)
        let path = try folder.file("a", data + Array(rest.utf8))
        for isJob in [false, true] {
            let reading = Reading([path], isJob: isJob)
            #expect(reading.bytes == small)
            let isCut = compression == .gzip && rest == "\u{1f}"
            #expect(
                defect(reading)?.contains(
                    isCut
                        ? "ends too early, at byte \(data.count + 1) of the file"
                        : "at byte \(data.count) of the file, there is something else") == true)
            #expect(isCut || defect(reading)?.contains("head -c \(data.count) \(path) | streamctl -W none") == true)
        }
    }

    @Test("damage anywhere ends with an error, or changes nothing", arguments: Compression.allCases)
    func damage(_ compression: Compression) throws {
        let content = sampleLines(300)
        let data = try compressed(content, compression, compression == .zstd ? "--check" : "")
        for (number, index) in stride(from: Compression.mostBytes, to: data.count, by: max(1, data.count / 150))
            .enumerated()
        {
            var damaged = data
            damaged[index] ^= 1 << UInt8(number % 8)
            let path = try folder.file("a", damaged)
            let reading = Reading([path])
            // Bits such as the time in a gzip header have no effect.
            #expect(reading.error.map { $0.kind == .damagedInput } ?? (reading.bytes == content), "\(index)")
            // A job has read none of it.
            let job = Reading([path], isJob: true)
            #expect(job.error == nil ? job.bytes == content : job.bytes.isEmpty, "\(index)")
        }
    }

    @Test("a job reads the members before the damaged one, and no byte of that", arguments: Compression.allCases)
    func jobs(_ compression: Compression) throws {
        let content = sampleLines(20_000)
        let first = try compressed(Array(content[..<400_005]), compression)
        var second = try compressed(Array(content[400_005...]), compression)
        second[second.count - 2] ^= 0x55
        let path = try folder.file("a", first + second)
        let reading = Reading([path], isJob: true)
        let whole = content[..<400_005].lastIndex(of: 10).map { Array(content[...$0]) }
        #expect(reading.bytes == whole)
        #expect(
            defect(reading)?.contains("the job has read nothing from byte 400005 of the decompressed data on") == true)
        let plain = Reading([path])
        #expect(plain.bytes.count > reading.bytes.count || compression == .bzip2)
    }

    @Test("reading starts at any line", arguments: Compression.allCases)
    func resuming(_ compression: Compression) throws {
        let content = sampleLines(20_000)
        let path = try folder.file("a", try compressed(content, compression))
        for start in [0, content.firstIndex(of: 10).map { $0 + 1 } ?? 0, 500_005, content.count] {
            let position = InputPosition(input: 0, position: start)
            let reading = Reading(
                [path], isJob: true, from: InputCheckpoint(restart: position, committed: position))
            #expect(reading.error == nil && reading.bytes == Array(content[start...]))
        }
    }

    @Test(
        "the hashes of positions are those of the same content without compression",
        arguments: [1000, 64 * 1024, 256 * 1024], [30, 1 << 20])
    func hashes(block: Int, maxLine: Int) throws {
        var content = sampleLines(12_000)
        content += [UInt8](repeating: 65, count: 700_000) + [10] + sampleLines(5000)
        let path = try folder.file("a", try compressed(content, .zstd))
        let plain = try folder.file("b", content)
        let noted = CompressedPositions()
        let reading = Reading([path], block: block, maxLine: maxLine, isJob: true, positions: noted)
        #expect(reading.positions.count > 6)
        let ends = Array(Set(reading.positions.map(\.position)).subtracting([0])).sorted()
        let expected = try FileContent(path: plain, decompresses: true).hashes(at: ends)
        for (end, hash) in zip(ends, expected) {
            #expect(hash != nil && noted.hash(InputPosition(input: 0, position: end)) == hash, "\(end)")
        }
        let few = Array(ends.shuffled().prefix(5)) + [0, 1, content.count]
        #expect(
            try FileContent(path: path, decompresses: true).hashes(at: few)
                == FileContent(path: plain, decompresses: true).hashes(at: few))
        #expect(try FileContent(path: path, decompresses: true).hashes(at: [content.count + 1]) == [nil])
        noted.forget(before: InputPosition(input: 0, position: content.count))
        #expect(noted.hash(InputPosition(input: 0, position: ends[0])) == nil)
    }

    @Test("a part of the content is found without reading all") func parts() throws {
        let content = sampleLines(10_000)
        let path = try folder.file("a", try compressed(content, .gzip))
        let found = FileContent(path: path, decompresses: true)
        #expect(found.isCompressed && !FileContent(path: path, decompresses: false).isCompressed)
        for count in [0, 1, 300_000] { #expect(found.head(count) == Array(content[..<count])) }
        #expect(found.head(content.count + 10) == content)
        #expect(FileContent(path: path, decompresses: false).head(2) == [0x1f, 0x8b])
        #expect(try found.isLonger(than: content.count - 1) && !found.isLonger(than: content.count))
        let plain = FileContent(path: try folder.file("b", content), decompresses: true)
        #expect(!plain.isCompressed && plain.head(100) == Array(content[..<100]))
        #expect(try plain.isLonger(than: content.count - 1) && !plain.isLonger(than: content.count))
    }

    @Test("windows of more than 128 MiB are refused") func window() throws {
        // A frame without a length that names a window of 2 GiB, and a block of one byte.
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x09, 0x00, 0x00, 0x41]
        let path = try folder.file("a", frame)
        let error = Reading([path]).error
        #expect(error?.kind == .badData)
        #expect(
            error?.text
                == "\(path): decompressing it takes more than 128 MiB of memory; run zstd -dc --long=31 \(path) "
                + "| streamctl -W none …")
    }

    @Test("a source that is not read to the end leaves no thread") func early() throws {
        let path = try folder.file("a", try compressed(sampleLines(60_000), .gzip))
        _ = Reading([path])
        let before = try openDescriptors()
        for _ in 0..<20 {
            var source = FileSource(paths: [path], maxLine: 1000, interrupt: Interrupt())
            var batch = Batch()
            while try source.read(into: &batch, deadline: nil) != .lines {}
        }
        // Other tests open some at the same time.
        #expect(try openDescriptors() < before + 60)
    }

    private func openDescriptors() throws -> Int {
        (0..<4096).count { fcntl($0, F_GETFD) >= 0 }
    }
}

@Suite(
    "compressed pipes",
    .enabled(if: Compression.areToolsInstalled, "gzip, zstd, bzip2, xz or lz4 is not installed"))
struct CompressedPipeTests: ~Copyable {
    private let folder = TemporaryFolder()

    private func fifo() -> String {
        unlink("\(folder.path)/fifo")
        mkfifo("\(folder.path)/fifo", 0o600)
        return "\(folder.path)/fifo"
    }

    /// Reads until there are lines, or for two seconds.
    private func lines(_ source: inout FileSource) throws -> String? {
        var batch = Batch()
        let deadline = wallClock() + 2_000_000
        while wallClock() < deadline {
            switch try source.read(into: &batch, deadline: deadline) {
            case .lines: return Piece(batch).text
            case .quiet: continue
            case .end, .interrupted: return nil
            }
        }
        return nil
    }

    @Test("a pipe of single bytes is recognized", arguments: Compression.allCases)
    func singleBytes(_ compression: Compression) throws {
        let content = sampleLines(30)
        let data = try compressed(content, compression)
        let path = fifo()
        var source = FileSource(paths: [path], maxLine: 1000, interrupt: Interrupt())
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: wallClock()) == .quiet)
        let writer = FileDescriptor.owning(open(path, O_WRONLY))
        var read: [UInt8] = []
        for byte in data {
            try writer.write([byte])
            if try source.read(into: &batch, deadline: wallClock()) == .lines { read += batch.bytes }
        }
        try writer.close()
        while try source.read(into: &batch, deadline: nil) == .lines { read += batch.bytes }
        #expect(read == content)
    }

    @Test(
        "plain lines come at once, also those that begin like compressed data",
        arguments: ["{}\n", "B\n", "BZh9\n", "BZh91AY&SZ\n", "(\n", "P*\n", "\u{1f}\n"])
    func plain(text: String) throws {
        for block in [4, 256 * 1024] {
            let path = fifo()
            var source = FileSource(paths: [path], maxLine: 1000, interrupt: Interrupt(), block: block)
            var batch = Batch()
            #expect(try source.read(into: &batch, deadline: wallClock()) == .quiet)
            let writer = FileDescriptor.owning(open(path, O_WRONLY))
            for line in [text, text] {
                try writer.write(line)
                #expect(try lines(&source) == line)
            }
            for byte in (text + "BZh9").utf8 {
                try writer.write([byte])
                _ = try source.read(into: &batch, deadline: wallClock())
            }
            try writer.close()
            while try source.read(into: &batch, deadline: nil) == .lines {}
        }
    }

    @Test("what can be decompressed of a live pipe is read before more comes", arguments: Compression.allCases)
    func live(_ compression: Compression) throws {
        let path = fifo()
        var source = FileSource(paths: [path], maxLine: 1000, interrupt: Interrupt())
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: wallClock()) == .quiet)
        let writer = FileDescriptor.owning(open(path, O_WRONLY))
        for number in 0..<3 {
            let content = sampleLines(5, seed: UInt64(number))
            try writer.write(try compressed(content, compression))
            #expect(try lines(&source) == String(decoding: content, as: UTF8.self))
        }
        try writer.close()
        #expect(try lines(&source) == nil)
    }

    @Test("an interrupt ends a wait for compressed data, and its thread ends") func interrupt() throws {
        let path = fifo()
        let interrupt = Interrupt()
        var source = FileSource(paths: [path], maxLine: 1000, interrupt: interrupt)
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: wallClock()) == .quiet)
        let writer = FileDescriptor.owning(open(path, O_WRONLY))
        try writer.write(try compressed(sampleLines(5), .gzip).dropLast(10) as [UInt8])
        while try source.read(into: &batch, deadline: wallClock() + 50_000) == .lines {}
        interrupt.raise(SIGTERM)
        #expect(try source.read(into: &batch, deadline: nil) == .interrupted)
    }

    @Test("a signal while a file is read is not a fault of the file") func interrupted() {
        #expect(ReadError.file(.interrupted).ending("app.log.gz").kind == .interrupted)
    }
}
