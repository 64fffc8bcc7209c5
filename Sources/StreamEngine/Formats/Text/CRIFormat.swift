/// Log files of containerd and CRI-O: TIME STREAM TAGS TEXT, with the fields `time`, `stream` and `message`.
///
/// The tag `P` marks a part of a line; the source joins parts before they are read (`PartSplitter`).
struct CRIFormat: LineFormat, ~Copyable {
    var scan: LineScan
    private let time, stream, message: FieldTarget

    init(fields: [FieldPath], maxLine: Int) {
        var scan = LineScan(fields, maxLine: maxLine)
        time = scan.target("time")
        stream = scan.target("stream")
        message = scan.target("message")
        self.scan = scan
    }

    mutating func readRecord(_ base: UnsafeRawPointer, from start: Int, _ arena: inout ByteArena) -> LineEnd {
        if LineScan.isBlank(base, start) { return .blank(start) }
        var i = start
        for part in 0..<3 {
            let end = Words.end(base, from: i)
            guard end > i, byte(base, end) == UInt8(ascii: " ") else { return .rejected(i, .wrongLayout) }
            scan.put(base, i, end, part == 0 ? time : part == 1 ? stream : .unwanted)
            if part == 1, end &- i != 6 || !isStream(base, i) { return .rejected(i, .wrongLayout) }
            i = end &+ 1
        }
        let end = scan.endOfText(base, from: i)
        guard end.isUTF8 else { return .rejected(i, .badUTF8) }
        scan.put(base, i, end.text, message)
        return .valid(end.index)
    }

    /// Whether the six bytes at `i` are `stdout` or `stderr`.
    @inline(__always) private func isStream(_ base: UnsafeRawPointer, _ i: Int) -> Bool {
        isEqual(base + i, "stdout") || isEqual(base + i, "stderr")
    }
}
