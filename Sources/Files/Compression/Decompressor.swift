import Glibc
import System

/// Decompresses a file or pipe, member after member. A member may have another form than the one before it.
///
/// It reads no more of a pipe than there is, so that what can be decompressed of live input is.
struct Decompressor: ~Copyable {
    private let file: FileDescriptor
    /// Where to read next; nil to read on from the position of the descriptor.
    private var readOffset: Int?
    private let stop: Interrupt
    /// Each member is checked to its end before bytes of it from this position on are returned; nil: none is.
    private let checkedFrom: Int?

    /// Compressed bytes. Those from `next` to `end` are still to be decompressed.
    private let input: UnsafeMutableRawBufferPointer
    private var next = 0
    private var end: Int
    private var isAtEnd = false
    /// The position of `next` in the file.
    private(set) var offset: Int

    private var place = Place.betweenMembers
    private var decoder: any Decoder & ~Copyable = NoDecoder()
    /// The form of the current member or, between two, of the last one.
    private var compression: Compression
    private var hasDecoder = false
    /// The decoder may have more bytes without further input.
    private var mayHaveMore = false
    private var failure: CompressedDefect?
    private var member = Member()
    /// Decompressed bytes so far.
    private(set) var position = 0

    private enum Place {
        case betweenMembers
        case inMember
        /// Bytes left of a frame whose content is skipped.
        case inSkippable(Int)
        /// Zeros after the end of the data.
        case inZeros
    }

    private enum Step {
        /// Bytes of a member, maybe none.
        case bytes(Int)
        /// Its last bytes.
        case memberEnd(Int)
        case moved
        case nothingNow
        case end
    }

    /// The start of the current member.
    private struct Member {
        var offset = 0
        var position = 0
        var isChecked = false
    }

    private static let blockSize = 128 * 1024

    /// - Parameters:
    ///   - compression: the form that the first bytes have.
    ///   - head: the first bytes, which were read already.
    ///   - offset: where to read in a regular file; nil for the position of the descriptor.
    ///   - stop: ends a long check.
    init(
        _ file: consuming FileDescriptor, _ compression: Compression, head: [UInt8] = [], at offset: Int? = nil,
        stop: Interrupt, checkedFrom: Int? = nil
    ) {
        self.file = file
        self.compression = compression
        self.stop = stop
        self.checkedFrom = checkedFrom
        readOffset = offset
        self.offset = offset ?? 0
        input = .allocate(byteCount: max(Self.blockSize, head.count), alignment: 16)
        input.copyBytes(from: head)
        end = head.count
    }

    deinit { input.deallocate() }

    /// The descriptor to wait for when nothing can be read; nil for a regular file.
    var waitsFor: Int32? { file.isRegularFile ? nil : file.number }

    /// Decompresses what can be had without waiting.
    ///
    /// - Returns: the number of bytes, 0 at the end; nil if nothing can be read now.
    mutating func read(into room: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? {
        while true {
            switch try step(into: room) {
            case .bytes(let count), .memberEnd(let count): if count > 0 { return count }
            case .moved: continue
            case .nothingNow: return nil
            case .end: return 0
            }
        }
    }

    private mutating func step(into room: UnsafeMutableRawBufferPointer) throws(ReadError) -> Step {
        if let failure { throw .compressed(failure) }
        if stop.isRaised { throw .file(.interrupted) }
        switch place {
        case .betweenMembers: return try beginMember()
        case .inMember: return try decode(into: room)
        case .inSkippable(let left):
            let count = min(left, end - next)
            advance(count)
            place = left == count ? .betweenMembers : .inSkippable(left - count)
            return left == count ? .moved : try fill(orElse: .cut)
        case .inZeros:
            advance(input[next..<end].prefix { $0 == 0 }.count)
            if next < end || isAtEnd {
                place = .betweenMembers
                return .moved
            }
            return try fill()
        }
    }

    // MARK: - Members

    private mutating func beginMember() throws(ReadError) -> Step {
        let head = UnsafeRawBufferPointer(rebasing: input[next..<end].prefix(Compression.mostBytes))
        guard let first = head.first else { return isAtEnd ? .end : try fill() }
        switch Compression.evidence(head) {
        case .compressed(let found):
            try prepareDecoder(found)
            member = Member(offset: offset, position: position)
            mayHaveMore = false
            place = .inMember
        case .skippable:
            guard head.count >= 8 else { return try fill(orElse: .cut) }
            let length = head.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            place = .inSkippable(8 + Int(UInt32(littleEndian: length)))
        case .undecided(let found): return try fill(orElse: found == compression ? .cut : .foreignEnd)
        case .other:
            guard first == 0, hasDecoder, compression.allowsZeros else { throw .compressed(defect(.foreignEnd)) }
            place = .inZeros
        }
        return .moved
    }

    private mutating func prepareDecoder(_ wanted: Compression) throws(ReadError) {
        if hasDecoder, wanted == compression {
            decoder.restart()
        } else {
            decoder = try wanted.makeDecoder()
            compression = wanted
            hasDecoder = true
        }
    }

    private mutating func decode(into room: UnsafeMutableRawBufferPointer) throws(ReadError) -> Step {
        if next == end, !mayHaveMore { return try fill(orElse: .cut) }
        let decoded = decoder.decode(UnsafeRawBufferPointer(rebasing: input[next..<end]), into: room)
        let isStuck = decoded.consumed == 0 && decoded.produced == 0 && next < end
        advance(decoded.consumed)
        mayHaveMore = decoded.produced == room.count
        switch decoded.outcome {
        case .more: if isStuck { failure = defect(.member(.damaged("no progress"))) }
        case .ended: place = .betweenMembers
        case .failed(let error): failure = defect(.member(error))
        }
        position += decoded.produced
        if let checkedFrom, position > checkedFrom, decoded.produced > 0, decoded.outcome != .ended, !member.isChecked {
            try checkMember()
        }
        return decoded.outcome == .ended ? .memberEnd(decoded.produced) : .bytes(decoded.produced)
    }

    /// Decompresses the current member to its end, with a decoder of its own.
    private mutating func checkMember() throws(ReadError) {
        var other = Decompressor(.borrowing(file.number), compression, at: member.offset, stop: stop)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * Self.blockSize, alignment: 16)
        defer { room.deallocate() }
        do throws(ReadError) {
            checking: while true {
                switch try other.step(into: room) {
                case .memberEnd: break checking
                // Someone has truncated the file.
                case .end: throw .compressed(other.defect(.cut))
                case .bytes, .moved, .nothingNow: continue
                }
            }
        } catch {
            guard case .compressed(var defect) = error else { throw error }
            defect.verified = member.position
            throw .compressed(defect)
        }
        member.isChecked = true
    }

    private func defect(_ problem: CompressedDefect.Problem) -> CompressedDefect {
        CompressedDefect(
            compression: compression, problem: problem, offset: problem == .cut ? offset + end - next : offset,
            verified: problem == .foreignEnd ? position : member.position)
    }

    // MARK: - Compressed bytes

    private mutating func advance(_ count: Int) {
        next += count
        offset += count
    }

    /// Reads more compressed bytes, which the current place needs.
    ///
    /// - Parameter problem: what is wrong if there are none; nil if nothing is.
    private mutating func fill(orElse problem: CompressedDefect.Problem? = nil) throws(ReadError) -> Step {
        if isAtEnd {
            if let problem { throw .compressed(defect(problem)) }
            return .moved
        }
        if next > 0 {
            input.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[next..<end]))
            end -= next
            next = 0
        }
        guard let count = try readFile(into: UnsafeMutableRawBufferPointer(rebasing: input[end...])) else {
            return .nothingNow
        }
        end += count
        isAtEnd = count == 0
        return .moved
    }

    private mutating func readFile(into room: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? {
        if let position = readOffset {
            let count = try ReadError.asking { () throws(FileError) in try file.read(into: room, at: position) }
            readOffset = position + (count ?? 0)
            return count
        }
        if !file.isRegularFile, wait(for: file.number, interrupt: stop, deadline: 0) != .ready { return nil }
        return try ReadError.asking { () throws(FileError) in try file.read(into: room) }
    }
}

/// In the place of a decoder as long as there is none.
private struct NoDecoder: Decoder, ~Copyable {
    mutating func decode(_ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Decoded {
        Decoded(consumed: 0, produced: 0, outcome: .more)
    }

    mutating func restart() {}
}
