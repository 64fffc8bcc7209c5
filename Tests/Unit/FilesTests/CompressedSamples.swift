import Glibc
import StreamEngine
import System

@testable import Files

extension Compression {
    /// The program that makes such data.
    var tool: String {
        switch self {
        case .gzip: "gzip"
        case .zstd: "zstd"
        case .bzip2: "bzip2"
        case .xz: "xz"
        case .lz4: "lz4"
        }
    }

    /// Whether the programs that make the samples are installed.
    static let areToolsInstalled = allCases.allSatisfy { system("command -v \($0.tool) >/dev/null") == 0 }
}

/// What a program of a form makes of some bytes.
func compressed(_ bytes: [UInt8], _ compression: Compression, _ options: String = "") throws -> [UInt8] {
    let folder = TemporaryFolder()
    let from = try FileDescriptor.openForWriting("\(folder.path)/a")
    try from.write(bytes)
    guard system("\(compression.tool) -c -q \(options) <\(folder.path)/a >\(folder.path)/b") == 0 else {
        throw FileError(code: EIO)
    }
    return try allBytes(of: "\(folder.path)/b")
}

func allBytes(of path: String) throws -> [UInt8] {
    let file = try FileDescriptor.openForReading(path)
    var bytes = [UInt8](repeating: 0, count: (file.size ?? 0) + 1)
    var count = 0
    while let read = try bytes.withUnsafeMutableBytes({
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
    }), read > 0 {
        count += read
    }
    return Array(bytes.prefix(count))
}

extension TemporaryFolder {
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(path)/\(name)"
        unlink(path)
        try FileDescriptor.openForWriting(path).write(bytes)
        return path
    }
}

/// Lines of different lengths that compress badly enough for several blocks.
func sampleLines(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = seed
    var bytes: [UInt8] = []
    for number in 0..<count {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes += Array(
            "{\"n\":\(number),\"v\":\(random >> 16),\"w\":\"\(String(repeating: "x", count: number % 7))\"}\n".utf8)
    }
    return bytes
}

/// What a source reads, and the error that ends it.
struct Reading {
    var bytes: [UInt8] = []
    var error: RunError?
    var positions: [InputPosition] = []

    init(
        _ paths: [String], block: Int = 64 * 1024, maxLine: Int = 1 << 20, isJob: Bool = false,
        from checkpoint: InputCheckpoint? = nil, positions noted: CompressedPositions = CompressedPositions()
    ) {
        var source = FileSource(
            paths: paths, maxLine: maxLine, interrupt: Interrupt(), positions: noted, isJob: isJob, block: block)
        var batch = Batch()
        do throws(RunError) {
            if let checkpoint { try source.resume(from: checkpoint) }
            while true {
                switch try source.read(into: &batch, deadline: nil) {
                case .lines:
                    bytes += batch.bytes
                    positions.append(batch.start)
                    if !batch.endsInsideLine { positions.append(batch.end) }
                case .end: return
                case .quiet, .interrupted: continue
                }
            }
        } catch {
            self.error = error
        }
    }
}
