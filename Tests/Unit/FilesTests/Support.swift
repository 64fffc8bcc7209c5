import Glibc
import StreamEngine
import System

@testable import Files

/// A folder that goes away with its value.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() {
        path = "/tmp/files-tests-\(randomSeed())"
        mkdir(path, 0o700)
    }

    deinit {
        for name in ["a", "b", "c", "fifo"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    func file(_ name: String, _ text: String) throws -> String {
        let file = try FileDescriptor.openForWriting("\(path)/\(name)")
        try file.write(text)
        return "\(path)/\(name)"
    }
}

extension ByteSink {
    /// An empty file.
    static func creating(_ path: String) throws(RunError) -> ByteSink { try resuming(path, at: 0) }

    static func resuming(_ path: String, at length: Int) throws(RunError) -> ByteSink {
        var sink = try opening(path)
        try sink.start(at: length)
        return sink
    }
}

extension FileDescriptor {
    func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) throws(FileError) {
        var written: Result<Void, FileError> = .success(())
        bytes.withUnsafeBytes { bytes in
            do throws(FileError) { try write(bytes) } catch { written = .failure(error) }
        }
        try written.get()
    }

    static func pipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        _ = Glibc.pipe(&ends)
        return (ends[0], ends[1])
    }
}

/// A copy of what a batch held.
struct Piece: Equatable {
    var input: Int
    var position: Int
    var startsInput: Bool
    var text: String

    init(_ batch: borrowing Batch) {
        input = batch.input
        position = batch.position
        startsInput = batch.startsInput
        text = String(decoding: batch.bytes, as: UTF8.self)
    }
}

/// Everything a source gives until something else than lines comes.
func drain(_ source: inout FileSource, into batch: inout Batch, deadline: Int64? = nil) throws -> [Piece] {
    var pieces: [Piece] = []
    while case .lines = try source.read(into: &batch, deadline: deadline) { pieces.append(Piece(batch)) }
    return pieces
}

func contents(of path: String) throws -> String {
    let file = try FileDescriptor.openForReading(path)
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
    return String(decoding: bytes.prefix(count ?? 0), as: UTF8.self)
}
