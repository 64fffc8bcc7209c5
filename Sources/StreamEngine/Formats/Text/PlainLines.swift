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
        let end = scan.endOfText(base, from: start)
        guard end.isUTF8 else { return .rejected(start, .badUTF8) }
        if end.text == start { return .blank(end.index) }
        scan.put(base, start, end.text, target)
        return .valid(end.index)
    }
}
