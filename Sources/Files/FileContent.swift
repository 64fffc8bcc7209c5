import StreamEngine
import System

/// The content of a regular file, as the format sees it: of a compressed file, what it decompresses to. For questions
/// that are answered by reading a part of it at once, without a thread.
struct FileContent {
    let path: String
    let decompresses: Bool

    /// Whether its bytes are not those of the file.
    var isCompressed: Bool { decompresses && Compression(path: path) != nil }

    /// The first bytes, at most `count`; fewer if the file is shorter, or damaged or unreadable after them.
    func head(_ count: Int) -> [UInt8] {
        var head: [UInt8] = []
        do throws(ReadError) {
            if var reading = try compressed() {
                while let bytes = try reading.read(upTo: count) { head += bytes }
            } else {
                let file = try opened()
                head = (try? file.bytes(at: 0, count: count)) ?? []
            }
        } catch {
            // What came before is the answer.
        }
        return head
    }

    /// The `PositionHash` of positions, in the same order; nil for one that the content does not reach.
    ///
    /// - Throws: `interrupted` if a signal ends the reading.
    func hashes(at positions: [Int]) throws(RunError) -> [Int64?] {
        var hashes: [Int: Int64] = [:]
        do throws(ReadError) {
            if var reading = try compressed() {
                var proof = ContentProof()
                for position in Set(positions).sorted() {
                    while let bytes = try reading.read(upTo: position) { proof.add(bytes) }
                    if proof.position == position { hashes[position] = proof.hash }
                }
            } else {
                let file = try opened()
                for position in positions {
                    hashes[position] = try ContentProof(file, position)?.hash
                }
            }
        } catch {
            if error == .file(.interrupted) { throw Self.interrupted(path) }
        }
        return positions.map { hashes[$0] }
    }

    /// Whether it has more than `length` bytes. Also true where this cannot be found out: reading it will say why.
    ///
    /// - Throws: `interrupted` if a signal ends the reading.
    func isLonger(than length: Int) throws(RunError) -> Bool {
        do throws(ReadError) {
            guard var reading = try compressed() else { return regularFileSize(path).map { $0 > length } ?? true }
            while try reading.read(upTo: length + 1) != nil {}
            return reading.position > length
        } catch {
            if error == .file(.interrupted) { throw Self.interrupted(path) }
            return true
        }
    }

    private static func interrupted(_ path: String) -> RunError {
        RunError(.interrupted, "stopped while decompressing \(path)")
    }

    private func opened() throws(ReadError) -> FileDescriptor {
        try ReadError.asking { () throws(FileError) in try .openForReading(path) }
    }

    /// The file from its start, if it is compressed.
    private func compressed() throws(ReadError) -> CompressedReading? {
        let file = try opened()
        guard decompresses, let compression = Compression(file) else { return nil }
        return CompressedReading(Decompressor(file, compression, stop: .signals))
    }
}

extension FileDescriptor {
    /// Bytes of a regular file; fewer where it ends.
    func bytes(at position: Int, count: Int) throws(ReadError) -> [UInt8] {
        var bytes: [UInt8] = []
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 1)
        defer { room.deallocate() }
        while bytes.count < count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[..<(count - bytes.count)])
            let place = position + bytes.count
            let read: Int?
            do throws(FileError) { read = try self.read(into: rest, at: place) } catch { throw .file(error) }
            guard let read else { continue }
            if read == 0 { break }
            bytes += rest[..<read]
        }
        return bytes
    }
}

/// Reads decompressed bytes up to given positions.
struct CompressedReading: ~Copyable {
    private var decompressor: Decompressor
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)

    init(_ decompressor: consuming Decompressor) { self.decompressor = decompressor }

    /// The content of an open file from its start, whatever was read of it.
    init(_ file: borrowing FileDescriptor, _ compression: Compression) throws(ReadError) {
        self.init(Decompressor(try file.again(), compression, at: 0, stop: .signals))
    }

    deinit { room.deallocate() }

    var position: Int { decompressor.position }

    /// The next bytes before a position, which are valid until the next call; nil if there are none.
    mutating func read(upTo position: Int) throws(ReadError) -> UnsafeRawBufferPointer? {
        let most = min(room.count, position - decompressor.position)
        guard most > 0 else { return nil }
        while true {
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[..<most])
            guard let count = try decompressor.read(into: rest) else { continue }
            return count > 0 ? UnsafeRawBufferPointer(rebasing: rest[..<count]) : nil
        }
    }
}
