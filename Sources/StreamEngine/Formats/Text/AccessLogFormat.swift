/// Access logs of web servers in the Common and Combined Log Format:
///
///     [VHOST ]HOST IDENT USER [TIME] "REQUEST" STATUS BYTES[ "REFERER" "AGENT"[ EXTRA]]
///
/// `-` is null. Of the request, `method`, `path` and `protocol` are fields of their own if it has this form. What follows
/// the agent is `extra`; numbers, NAME=VALUE pairs and the columns of ingress-nginx in it are fields too.
struct AccessLogFormat: LineFormat, ~Copyable {
    var scan: LineScan
    private let targets: Targets
    private var tail: AccessLogTail
    /// The words before the time in an unusual line; kept so that reading one allocates nothing.
    private var words: [Range<Int>] = []

    /// Where the values go.
    private struct Targets {
        let vhost, host, ident, user, time, request, method, path, version, status, bytes, referer, agent: FieldTarget

        init(_ scan: inout LineScan) {
            vhost = scan.target("vhost")
            host = scan.target("host")
            ident = scan.target("ident")
            user = scan.target("user")
            time = scan.target("time")
            request = scan.target("request")
            method = scan.target("method")
            path = scan.target("path")
            version = scan.target("protocol")
            status = scan.target("status")
            bytes = scan.target("bytes")
            referer = scan.target("referer")
            agent = scan.target("agent")
        }

        var splitsRequest: Bool { method.isWanted || path.isWanted || version.isWanted }
    }

    init(fields: [FieldPath], maxLine: Int) {
        var scan = LineScan(fields, maxLine: maxLine)
        targets = Targets(&scan)
        tail = AccessLogTail(&scan)
        self.scan = scan
    }

    mutating func readRecord(_ base: UnsafeRawPointer, from start: Int, _ arena: inout ByteArena) -> LineEnd {
        if LineScan.isBlank(base, start) { return .blank(start) }
        var i = start
        if let defect = readClient(base, &i) { return .rejected(i, defect) }
        // The time, up to `] "`.
        let time = i
        i = Words.endOfCell(base, from: i, separator: UInt8(ascii: "]"))
        guard i >= 0 else { return .rejected(time, .badUTF8) }
        guard byte(base, i) == UInt8(ascii: "]"), byte(base, i &+ 1) == UInt8(ascii: " "),
            byte(base, i &+ 2) == UInt8(ascii: "\"")
        else { return .rejected(i, .wrongLayout) }
        scan.put(base, time, i, targets.time)
        let request = QuotedText.read(
            base, from: i &+ 3, isWanted: targets.request.isWanted || targets.splitsRequest, &arena)
        guard request.end >= 0 else { return .rejected(i &+ 2, request.defect) }
        if request.isRepaired { scan.note(.badEscape, request.value) }
        if targets.request.isWanted { scan.put(orNull(request.value), targets.request) }
        if targets.splitsRequest { split(request.value) }
        i = request.end &+ 1
        guard readNumber(base, &i, targets.status), readNumber(base, &i, targets.bytes) else {
            return .rejected(i, .wrongLayout)
        }
        if let defect = readQuoted(base, &i, targets.referer, &arena) ?? readQuoted(base, &i, targets.agent, &arena) {
            return .rejected(i &+ 1, defect)
        }
        if byte(base, i) == UInt8(ascii: " ") {
            let end = endOfLine(base, from: i)
            if let defect = tail.read(base, from: i &+ 1, to: end, &scan, &arena) { return .rejected(i, defect) }
            i = end
        }
        if byte(base, i) == UInt8(ascii: "\r"), byte(base, i &+ 1) == UInt8(ascii: "\n") { i &+= 1 }
        return byte(base, i) == UInt8(ascii: "\n") ? .valid(i) : .rejected(i, .wrongLayout)
    }

    /// Reads what is before the bracket of the time; moves after the bracket.
    @inline(__always)
    private mutating func readClient(_ base: UnsafeRawPointer, _ i: inout Int) -> TextDefect? {
        let start = i
        let first = Words.end(base, from: i)
        guard first >= 0 else { return .badUTF8 }
        // HOST - USER [: the form of nearly all lines.
        if first > start, byte(base, first) == UInt8(ascii: " "), byte(base, first &+ 1) == UInt8(ascii: "-"),
            byte(base, first &+ 2) == UInt8(ascii: " "), byte(base, first &- 1) != UInt8(ascii: ",")
        {
            let user = first &+ 3
            let end = Words.end(base, from: user)
            if end > user, byte(base, end) == UInt8(ascii: " "), byte(base, end &+ 1) == UInt8(ascii: "[") {
                put(base, start, first, targets.host)
                scan.put(.null, targets.ident)
                put(base, user, end, targets.user)
                i = end &+ 2
                return nil
            }
        }
        return readOtherClient(base, &i)
    }

    @inline(never)
    private mutating func readOtherClient(_ base: UnsafeRawPointer, _ i: inout Int) -> TextDefect? {
        let start = i
        var end = start
        while byte(base, end) != UInt8(ascii: "\n"),
            byte(base, end) != UInt8(ascii: " ") || byte(base, end &+ 1) != UInt8(ascii: "[")
        {
            end &+= 1
        }
        guard byte(base, end) == UInt8(ascii: " ") else { return .wrongLayout }
        guard UTF8Text.isValid(base, start, end) else { return .badUTF8 }
        // The words and where they begin.
        words.removeAll(keepingCapacity: true)
        var word = start
        for place in start...end where place == end || byte(base, place) == UInt8(ascii: " ") {
            if place > word { words.append(word..<place) }
            word = place &+ 1
        }
        var next = 0
        // A list of clients and proxies: all words but the last end with a comma.
        while next < words.count, byte(base, words[next].upperBound &- 1) == UInt8(ascii: ",") { next &+= 1 }
        if next == 0, words.count == 4, !isDash(base, words[1]) {
            put(base, words[0].lowerBound, words[0].upperBound, targets.vhost)
            next = 1
            put(base, words[1].lowerBound, words[1].upperBound, targets.host)
        } else if next < words.count {
            put(base, start, words[next].upperBound, targets.host)
        }
        guard next &+ 2 < words.count else { return .wrongLayout }
        put(base, words[next &+ 1].lowerBound, words[next &+ 1].upperBound, targets.ident)
        put(base, words[next &+ 2].lowerBound, end, targets.user)
        i = end &+ 2
        return nil
    }

    private func isDash(_ base: UnsafeRawPointer, _ word: Range<Int>) -> Bool {
        word.count == 1 && byte(base, word.lowerBound) == UInt8(ascii: "-")
    }

    /// Stores a text; `-` is null.
    @inline(__always)
    private mutating func put(_ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ target: FieldTarget) {
        guard target.isWanted else { return }
        if end &- start == 1, byte(base, start) == UInt8(ascii: "-") {
            scan.put(.null, target)
        } else {
            scan.put(base, start, end, target)
        }
    }

    private func orNull(_ value: Value) -> Value {
        value.length == 0 || value.length == 1 && value.bytes.first == UInt8(ascii: "-") ? .null : value
    }

    /// Reads a blank and a number or `-`.
    @inline(__always)
    private mutating func readNumber(_ base: UnsafeRawPointer, _ i: inout Int, _ target: FieldTarget) -> Bool {
        guard byte(base, i) == UInt8(ascii: " ") else { return false }
        if byte(base, i &+ 1) == UInt8(ascii: "-"), byte(base, i &+ 2) <= 0x20 {
            scan.put(.null, target)
            i &+= 2
            return true
        }
        let number = JSONNumber.parse(base, from: i &+ 1)
        guard number.end >= 0, byte(base, number.end) <= 0x20 else { return false }
        scan.put(number.value, target)
        i = number.end
        return true
    }

    /// Reads a blank and a text in quotes, if they are there.
    @inline(__always)
    private mutating func readQuoted(
        _ base: UnsafeRawPointer, _ i: inout Int, _ target: FieldTarget, _ arena: inout ByteArena
    ) -> TextDefect? {
        guard byte(base, i) == UInt8(ascii: " "), byte(base, i &+ 1) == UInt8(ascii: "\"") else { return nil }
        let text = QuotedText.read(base, from: i &+ 2, isWanted: target.isWanted, &arena)
        guard text.end >= 0 else { return text.defect }
        if text.isRepaired { scan.note(.badEscape, text.value) }
        if target.isWanted { scan.put(orNull(text.value), target) }
        i = text.end &+ 1
        return nil
    }

    /// METHOD PATH PROTOCOL, of which the protocol may be missing and the path may contain blanks.
    private mutating func split(_ request: Value) {
        let text = request.bytes
        guard let blank = text.firstIndex(of: UInt8(ascii: " ")), blank > 0,
            text[..<blank].allSatisfy({ $0 &- UInt8(ascii: "A") < 26 })
        else {
            scan.put(.null, targets.method)
            scan.put(.null, targets.path)
            scan.put(.null, targets.version)
            return
        }
        var end = text.count
        var version = Value.null
        if let last = text.lastIndex(of: UInt8(ascii: " ")), last > blank, text.count &- last > 6,
            isHTTP(text, last &+ 1)
        {
            version = Value(UnsafeRawBufferPointer(rebasing: text[(last &+ 1)...]))
            end = last
        }
        scan.put(Value(UnsafeRawBufferPointer(rebasing: text[..<blank])), targets.method)
        scan.put(Value(UnsafeRawBufferPointer(rebasing: text[(blank &+ 1)..<max(blank &+ 1, end)])), targets.path)
        scan.put(version, targets.version)
    }

    private func isHTTP(_ text: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        text[start] == UInt8(ascii: "H") && text[start &+ 1] == UInt8(ascii: "T")
            && text[start &+ 2] == UInt8(ascii: "T") && text[start &+ 3] == UInt8(ascii: "P")
            && text[start &+ 4] == UInt8(ascii: "/")
    }

    /// The index of the newline, or of a carriage return before it.
    private func endOfLine(_ base: UnsafeRawPointer, from start: Int) -> Int {
        var end = start
        while byte(base, end) != UInt8(ascii: "\n") { end &+= 1 }
        return end > start && byte(base, end &- 1) == UInt8(ascii: "\r") ? end &- 1 : end
    }
}

extension FieldTarget {
    /// Whether any column takes the value.
    var isWanted: Bool { column != Self.noColumn }
}
