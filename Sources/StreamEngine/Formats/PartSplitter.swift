/// Joins the parts into which container runtimes split long lines, for each of the streams `stdout` and `stderr`.
///
/// A batch ends only where no line of a stream is incomplete. In it, the first part of a line is replaced with the whole
/// line, and the other parts with blank lines, so that what follows keeps its line number. A line whose parts are more
/// than `maxLine` bytes is too long as a whole. A line that is not complete at the end of the input, or within
/// 2 × `maxLine` bytes, ends with the parts that have come.
final class PartSplitter: RecordSplitter {
    /// What a line of the log is, as far as a quick look tells.
    struct Part {
        /// 0 for `stdout`, 1 for `stderr`.
        var stream: Int
        /// Whether more of its line follows.
        var isOpen: Bool
    }

    /// Where the text of a part is in the line.
    struct Place {
        var text: Range<Int>
        /// The index of the tag `P`, which becomes `F`; nil if there is no tag.
        var tag: Int?
    }

    /// How to read lines; each function returns nil if a line is not one of the log.
    struct Layout: Sendable {
        var look: @Sendable (_ base: UnsafeRawPointer, _ line: Range<Int>) -> Part?
        var find: @Sendable (_ base: UnsafeRawPointer, _ line: Range<Int>) -> Place?
    }

    /// A part of a split line.
    private struct Piece {
        var line: Range<Int>
        var place: Place
        /// The piece after it; -1 for the last one.
        var following = -1
        /// Whether it is the first one.
        var isFirst: Bool
    }

    /// A line that is not complete.
    private struct OpenLine {
        var start: Int
        /// The index of its last piece.
        var last: Int
        var bytes: Int
    }

    private let layout: Layout
    private let maxLine: Int
    private var pieces: [Piece] = []
    private var open: [OpenLine?] = [nil, nil]
    /// For each stream, whether the parts up to the next end of a line belong to one that is too long.
    private var isDropping = [false, false]
    /// The index of the first byte that has not been looked at.
    private var next = 0
    /// The last index at which no line was incomplete, and whether parts were being dropped there.
    private var safe = (index: 0, isDropping: false)
    private var joined: [UInt8] = []

    init(_ layout: Layout, maxLine: Int) {
        self.layout = layout
        self.maxLine = maxLine
    }

    /// Bytes from the start of a line within which its parts come.
    private var reach: Int { 2 &* maxLine &+ 64 }

    func cut(_ batch: inout Batch, isAtEnd: Bool) -> Int? {
        batch.seal()
        let count = batch.count
        guard let base = batch.bytes.baseAddress else { return nil }
        while next < count {
            let newline = LineBreaks.firstNewline(base, from: next, limit: count)
            if newline == nil {
                // A line that its writer may not have finished comes on its own.
                if isAtEnd, open[0] == nil, open[1] == nil, next > 0 { return deliver(next, &batch) }
                // One that is too long without its end is not a line of the log.
                guard isAtEnd || count &- next > reach else { break }
            }
            let end = newline ?? count
            take(base, next..<end)
            next = min(end &+ 1, count)
            if open[0] == nil, open[1] == nil { safe = (next, isDropping[0] || isDropping[1]) }
        }
        if isAtEnd {
            open = [nil, nil]
            safe = (count, false)
        }
        return safe.index > 0 ? deliver(safe.index, &batch) : nil
    }

    func flush(_ batch: inout Batch) -> Int? {
        guard next > 0, open[0] != nil || open[1] != nil else { return nil }
        open = [nil, nil]
        return deliver(next, &batch)
    }

    private func take(_ base: UnsafeRawPointer, _ line: Range<Int>) {
        guard let part = layout.look(base, line) else { return }
        let stream = part.stream
        for other in 0..<2 {
            if let known = open[other], line.upperBound &- known.start > reach { open[other] = nil }
        }
        guard part.isOpen || open[stream] != nil || isDropping[stream], let place = layout.find(base, line) else {
            return
        }
        pieces.append(Piece(line: line, place: place, isFirst: false))
        let last = pieces.count &- 1
        if isDropping[stream] {
            isDropping[stream] = part.isOpen
        } else if var known = open[stream] {
            pieces[known.last].following = last
            known.last = last
            known.bytes &+= place.text.count
            open[stream] = part.isOpen ? known : nil
            if part.isOpen, known.bytes > maxLine {
                open[stream] = nil
                isDropping[stream] = true
            }
        } else {
            pieces[last].isFirst = true
            open[stream] = OpenLine(start: line.lowerBound, last: last, bytes: place.text.count)
        }
    }

    private func deliver(_ count: Int, _ batch: inout Batch) -> Int {
        batch.endsInsideLine = safe.isDropping
        next &-= count
        safe = (0, false)
        return count
    }

    /// Replaces the bytes of the batch with those in which the lines are whole.
    func complete(_ batch: inout Batch) {
        let count = batch.count
        let done = pieces.firstIndex { $0.line.lowerBound >= count } ?? pieces.count
        if done > 0 { join(done, &batch) }
        pieces.removeFirst(done)
        for index in pieces.indices {
            let line = pieces[index].line, text = pieces[index].place.text
            pieces[index].line = line.lowerBound &- count..<line.upperBound &- count
            pieces[index].place.text = text.lowerBound &- count..<text.upperBound &- count
            if let tag = pieces[index].place.tag { pieces[index].place.tag = tag &- count }
            if pieces[index].following >= 0 { pieces[index].following &-= done }
        }
        for stream in 0..<2 {
            open[stream]?.start &-= count
            open[stream]?.last &-= done
        }
    }

    /// - Parameter done: the number of pieces in the batch.
    private func join(_ done: Int, _ batch: inout Batch) {
        joined.removeAll(keepingCapacity: true)
        let bytes = batch.bytes
        var copied = 0
        for piece in pieces[..<done] {
            joined += bytes[copied..<piece.line.lowerBound]
            copied = piece.line.upperBound
            guard piece.isFirst else { continue }
            let text = piece.place.text
            joined += bytes[piece.line.lowerBound..<text.upperBound]
            if let tag = piece.place.tag { joined[joined.count - (text.upperBound - tag)] = UInt8(ascii: "F") }
            var index = piece.following
            while index >= 0 {
                joined += bytes[pieces[index].place.text]
                index = pieces[index].following
            }
            joined += bytes[text.upperBound..<piece.line.upperBound]
        }
        joined += bytes[copied...]
        batch.replace(with: joined)
    }
}

extension PartSplitter.Layout {
    /// Log files of containerd and CRI-O: TIME STREAM TAGS TEXT, where the tag `P` is that of a part.
    static let cri = PartSplitter.Layout(
        look: { base, line in
            guard let tag = tagOfCRI(base, line) else { return nil }
            let isOpen = byte(base, tag) == UInt8(ascii: "P")
            guard isOpen || byte(base, tag) == UInt8(ascii: "F") else { return nil }
            // ` stdout F`
            return PartSplitter.Part(stream: byte(base, tag &- 4) == UInt8(ascii: "o") ? 0 : 1, isOpen: isOpen)
        },
        find: { base, line in
            guard let tag = tagOfCRI(base, line) else { return nil }
            var text = tag
            while text < line.upperBound, byte(base, text) != UInt8(ascii: " ") { text &+= 1 }
            var end = line.upperBound
            if end > text, byte(base, end &- 1) == UInt8(ascii: "\r") { end &-= 1 }
            return PartSplitter.Place(text: min(text &+ 1, end)..<end, tag: tag)
        })

    /// The index of the tags.
    private static func tagOfCRI(_ base: UnsafeRawPointer, _ line: Range<Int>) -> Int? {
        var i = line.lowerBound
        while i < line.upperBound, byte(base, i) != UInt8(ascii: " ") { i &+= 1 }
        guard i &+ 8 < line.upperBound, byte(base, i &+ 7) == UInt8(ascii: " ") else { return nil }
        return i &+ 8
    }

    /// Log files of Docker: `{"log":"…\n","stream":"stdout","time":"…"}`, without the `\n` in a part.
    static let docker = PartSplitter.Layout(
        look: { base, line in
            if let stream = DockerLine.streamOfWhole(base, line) {
                return PartSplitter.Part(stream: stream, isOpen: false)
            }
            guard let text = DockerLine.log(base, line) else { return nil }
            let isWhole = DockerLine.endsWithNewline(base, text)
            return PartSplitter.Part(stream: DockerLine.isError(base, line, behind: text) ? 1 : 0, isOpen: !isWhole)
        },
        find: { base, line in DockerLine.log(base, line).map { PartSplitter.Place(text: $0) } })
}

/// A line of Docker's json-file log, without reading all of it.
private enum DockerLine {
    private static let start: StaticString = "{\"log\":\""
    private static let error: StaticString = "\"stream\":\"stderr\""
    private static let output: StaticString = "\"stream\":\"stdout\""

    /// The stream of a line that is not a part, if a look at its end tells.
    static func streamOfWhole(_ base: UnsafeRawPointer, _ line: Range<Int>) -> Int? {
        let length = output.utf8CodeUnitCount
        let first = max(line.lowerBound &+ start.utf8CodeUnitCount &+ 4, line.upperBound &- 128)
        var i = line.upperBound &- length
        while i >= first {
            if byte(base, i &+ 1) == UInt8(ascii: "s"), byte(base, i &- 1) == UInt8(ascii: ",") {
                let stream = isEqual(base + i, output) ? 0 : isEqual(base + i, error) ? 1 : -1
                if stream >= 0, byte(base, i &- 2) == UInt8(ascii: "\"") {
                    return endsWithNewline(base, line.lowerBound..<i &- 2) ? stream : nil
                }
            }
            i &-= 1
        }
        return nil
    }

    /// The text of the member `log`, with its escapes, if that is the first member.
    static func log(_ base: UnsafeRawPointer, _ line: Range<Int>) -> Range<Int>? {
        guard line.count > start.utf8CodeUnitCount, isEqual(base + line.lowerBound, start) else { return nil }
        let text = line.lowerBound &+ start.utf8CodeUnitCount
        var i = text
        while i < line.upperBound {
            let next = byte(base, i)
            if next == UInt8(ascii: "\"") { return text..<i }
            i &+= next == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    /// Whether a text ends with the escape `\n`.
    static func endsWithNewline(_ base: UnsafeRawPointer, _ text: Range<Int>) -> Bool {
        guard text.count >= 2, byte(base, text.upperBound &- 1) == UInt8(ascii: "n") else { return false }
        var i = text.upperBound &- 2
        while i >= text.lowerBound, byte(base, i) == UInt8(ascii: "\\") { i &-= 1 }
        // Two backslashes are one character.
        return (text.upperBound &- 2 &- i) & 1 == 1
    }

    /// Whether the stream is `stderr`.
    static func isError(_ base: UnsafeRawPointer, _ line: Range<Int>, behind text: Range<Int>) -> Bool {
        var i = text.upperBound
        while i &+ error.utf8CodeUnitCount < line.upperBound {
            if byte(base, i) == UInt8(ascii: "\""), isEqual(base + i, error) { return true }
            i &+= 1
        }
        return false
    }
}
