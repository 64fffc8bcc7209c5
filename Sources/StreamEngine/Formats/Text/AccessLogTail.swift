/// What follows the agent in an access log: `extra`, and the fields that it contains.
struct AccessLogTail {
    /// The parts of the last tail; kept so that reading one allocates nothing.
    private var parts: [Part] = []
    private let extra, requestTime, requestLength, upstreamName, upstreamAddress, upstreamTime, upstreamStatus,
        requestID: FieldTarget

    init(_ scan: inout LineScan) {
        extra = scan.target("extra")
        requestTime = scan.target("request_time")
        requestLength = scan.target("request_length")
        upstreamName = scan.target("upstream_name")
        upstreamAddress = scan.target("upstream_addr")
        upstreamTime = scan.target("upstream_time")
        upstreamStatus = scan.target("upstream_status")
        requestID = scan.target("req_id")
    }

    /// Reads the tail at `start..<end`, which is not empty.
    mutating func read(
        _ base: UnsafeRawPointer, from start: Int, to end: Int, _ scan: inout LineScan, _ arena: inout ByteArena
    ) -> TextDefect? {
        guard UTF8Text.isValid(base, start, end) else { return .badUTF8 }
        scan.put(base, start, end, extra)
        parts.removeAll(keepingCapacity: true)
        var i = start
        while i < end {
            if byte(base, i) == UInt8(ascii: " ") {
                i &+= 1
                continue
            }
            let part = self.part(base, from: i, to: end)
            if part.isOpen { return .unclosedQuote }
            parts.append(part)
            i = part.end
        }
        if parts.count > 5, byte(base, parts[2].start) == UInt8(ascii: "[") {
            readIngress(base, &scan)
        } else {
            readOthers(base, &scan, &arena)
        }
        return nil
    }

    /// A word, or a text in quotes, perhaps after NAME=.
    private struct Part {
        var start: Int
        var end: Int
        /// The index of the `=` after a name.
        var equals: Int?
        /// Whether it has a quote that is not closed.
        var isOpen = false
    }

    private func part(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Part {
        var i = start
        var equals: Int?
        var isQuoted = false
        while i < end {
            let next = byte(base, i)
            if next == UInt8(ascii: "\\"), isQuoted { i &+= 1 }
            if next == UInt8(ascii: "\"") { isQuoted.toggle() }
            if next == UInt8(ascii: "="), equals == nil, !isQuoted { equals = i }
            if next == UInt8(ascii: " "), !isQuoted { break }
            i &+= 1
        }
        return Part(start: start, end: min(i, end), equals: equals, isOpen: isQuoted)
    }

    /// `$request_length $request_time [$proxy_upstream_name] [alternative] $upstream_addr length time status id`, in which
    /// lists of several upstreams contain blanks.
    private func readIngress(_ base: UnsafeRawPointer, _ scan: inout LineScan) {
        putNumber(base, parts[0], requestLength, &scan)
        putNumber(base, parts[1], requestTime, &scan)
        scan.put(base, parts[2].start &+ 1, max(parts[2].start &+ 1, parts[2].end &- 1), upstreamName)
        // A value ends with the first word that has no comma or colon behind it.
        var next = 4
        for target in [upstreamAddress, FieldTarget.unwanted, upstreamTime, upstreamStatus, requestID] {
            guard next < parts.count else { return }
            var last = next
            while last &+ 1 < parts.count, continues(base, parts[last], parts[last &+ 1]) { last &+= 1 }
            let whole = Part(start: parts[next].start, end: parts[last].end)
            if isDash(base, whole) { scan.put(.null, target) } else { scan.put(base, whole.start, whole.end, target) }
            next = last &+ 1
        }
    }

    /// Whether a list of upstreams goes on: `0.010, 0.020` or `0.01 : 0.02`.
    private func continues(_ base: UnsafeRawPointer, _ part: Part, _ next: Part) -> Bool {
        let last = byte(base, part.end &- 1)
        return last == UInt8(ascii: ",") || last == UInt8(ascii: ":") && part.end &- part.start == 1
            || next.end &- next.start == 1 && byte(base, next.start) == UInt8(ascii: ":")
    }

    /// The first bare number is the time of the request; pairs are fields of their own.
    private func readOthers(
        _ base: UnsafeRawPointer, _ scan: inout LineScan, _ arena: inout ByteArena
    ) {
        if let first = parts.first { putNumber(base, first, requestTime, &scan) }
        for part in parts {
            guard let equals = part.equals, equals > part.start else { continue }
            let target = scan.target(base + part.start, length: equals &- part.start)
            guard target.isWanted else { continue }
            var value = Part(start: equals &+ 1, end: part.end)
            let isQuoted =
                value.end &- value.start >= 2 && byte(base, value.start) == UInt8(ascii: "\"")
                && byte(base, value.end &- 1) == UInt8(ascii: "\"")
            if isQuoted { value = Part(start: value.start &+ 1, end: value.end &- 1) }
            let text = UnsafeRawBufferPointer(start: base + value.start, count: value.end &- value.start)
            if text.isEmpty || isDash(base, value) {
                scan.put(.null, target)
            } else if isQuoted, text.contains(UInt8(ascii: "\\")) {
                var isRepaired = false
                let plain = QuotedText.unescape(text, &arena, [.json, .bytes], &isRepaired)
                if isRepaired { scan.note(.badEscape, Value(text)) }
                scan.put(Value(plain), target)
            } else {
                scan.put(Value(text), target)
            }
        }
    }

    private func isDash(_ base: UnsafeRawPointer, _ part: Part) -> Bool {
        part.end &- part.start == 1 && byte(base, part.start) == UInt8(ascii: "-")
    }

    /// Stores the number that a part is, perhaps in quotes; anything else leaves the field missing.
    private func putNumber(_ base: UnsafeRawPointer, _ part: Part, _ target: FieldTarget, _ scan: inout LineScan) {
        guard target.isWanted else { return }
        var (start, end) = (part.start, part.end)
        if end &- start >= 2, byte(base, start) == UInt8(ascii: "\""), byte(base, end &- 1) == UInt8(ascii: "\"") {
            (start, end) = (start &+ 1, end &- 1)
        }
        if let number = NumericValue.exact(UnsafeRawBufferPointer(start: base + start, count: end &- start)) {
            scan.put(number, target)
        }
    }
}
