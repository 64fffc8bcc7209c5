/// Lines of text: the field `line` is the whole line.
struct PlainLines: LineFormat, ~Copyable {
    var scan: LineScan
    private let target: FieldTarget

    init(fields: [FieldPath], maxLine: Int) {
        var scan = LineScan(fields, maxLine: maxLine)
        target = scan.target("line")
        self.scan = scan
    }

    mutating func readRecord(_ base: UnsafeRawPointer, from start: Int, _ arena: inout ByteArena) -> LineEnd {
        let end = Words.endOfCell(base, from: start, separator: UInt8(ascii: "\n"))
        guard end >= 0 else { return .rejected(start, .badUTF8) }
        var newline = end
        while byte(base, newline) != UInt8(ascii: "\n") {
            newline = Words.endOfCell(base, from: newline &+ 1, separator: UInt8(ascii: "\n"))
            guard newline >= 0 else { return .rejected(start, .badUTF8) }
        }
        let last = newline > start && byte(base, newline &- 1) == UInt8(ascii: "\r") ? newline &- 1 : newline
        if last == start { return .blank(newline) }
        scan.put(base, start, last, target)
        return .valid(newline)
    }
}
