/// Lines of syslog, as files and daemons have them: RFC 5424, RFC 3164, and the latter with an RFC 3339 time. `<PRI>` may
/// be missing.
///
/// `-`, the nil value of RFC 5424, is null. `data` is the structured data as a JSON object of objects.
struct SyslogFormat: LineFormat, ~Copyable {
    var scan: LineScan
    private let targets: Targets

    private struct Targets {
        let priority, facility, severity, version, time, host, app, pid, msgid, data, message, repeated: FieldTarget

        init(_ scan: inout LineScan) {
            priority = scan.target("priority")
            facility = scan.target("facility")
            severity = scan.target("severity")
            version = scan.target("version")
            time = scan.target("time")
            host = scan.target("host")
            app = scan.target("app")
            pid = scan.target("pid")
            msgid = scan.target("msgid")
            data = scan.target("data")
            message = scan.target("message")
            repeated = scan.target("repeated")
        }
    }

    private static let facilities: [StaticString] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
        "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ]
    private static let severities: [StaticString] = [
        "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
    ]

    init(fields: [FieldPath], maxLine: Int) {
        var scan = LineScan(fields, maxLine: maxLine)
        targets = Targets(&scan)
        self.scan = scan
    }

    mutating func readRecord(_ base: UnsafeRawPointer, from start: Int, _ arena: inout ByteArena) -> LineEnd {
        if LineScan.isBlank(base, start) { return .blank(start) }
        var i = start
        var priority = -1
        if byte(base, i) == UInt8(ascii: "<") {
            guard let found = readPriority(base, &i) else { return .rejected(start, .wrongLayout) }
            priority = found
        }
        let end = scan.endOfText(base, from: i)
        guard end.isUTF8 else { return .rejected(i, .badUTF8) }
        if byte(base, i) == UInt8(ascii: "1"), byte(base, i &+ 1) == UInt8(ascii: " ") {
            scan.put(Value(1 as Int64), targets.version)
            i &+= 2
            if let defect = readModern(base, &i, end.text, &arena) { return .rejected(i, defect) }
        } else if let defect = readTraditional(base, &i, end.text) {
            return .rejected(i, defect)
        }
        if priority >= 0 {
            scan.put(Value(Int64(priority)), targets.priority)
            put(Self.facilities[priority / 8], targets.facility)
            put(Self.severities[priority % 8], targets.severity)
        }
        return .valid(end.index)
    }

    private mutating func put(_ text: StaticString, _ target: FieldTarget) {
        scan.put(Value(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)), target)
    }

    /// Reads `<0>` to `<191>`; moves after it.
    private func readPriority(_ base: UnsafeRawPointer, _ i: inout Int) -> Int? {
        var end = i &+ 1
        var number = 0
        while byte(base, end) &- UInt8(ascii: "0") < 10, end &- i <= 3 {
            number = number &* 10 &+ Int(byte(base, end) &- UInt8(ascii: "0"))
            end &+= 1
        }
        guard end > i &+ 1, number <= 191, byte(base, end) == UInt8(ascii: ">") else { return nil }
        i = end &+ 1
        return number
    }

    /// Stores the word at `i`, or null for `-`; moves after it and the blank behind it. False if there is no word.
    private mutating func readWord(
        _ base: UnsafeRawPointer, _ i: inout Int, _ end: Int, _ target: FieldTarget
    ) -> Bool {
        var last = i
        while last < end, byte(base, last) != UInt8(ascii: " ") { last &+= 1 }
        guard last > i else { return false }
        let isNil = last &- i == 1 && byte(base, i) == UInt8(ascii: "-")
        if isNil { scan.put(.null, target) } else { scan.put(base, i, last, target) }
        i = min(end, last &+ 1)
        return true
    }

    /// RFC 5424: TIME HOST APP PROCID MSGID DATA [MESSAGE].
    private mutating func readModern(
        _ base: UnsafeRawPointer, _ i: inout Int, _ end: Int, _ arena: inout ByteArena
    ) -> TextDefect? {
        guard readWord(base, &i, end, targets.time), readWord(base, &i, end, targets.host),
            readWord(base, &i, end, targets.app), readWord(base, &i, end, targets.pid),
            readWord(base, &i, end, targets.msgid)
        else { return .wrongLayout }
        if byte(base, i) == UInt8(ascii: "-") {
            scan.put(.null, targets.data)
            i &+= 1
        } else {
            var data = StructuredData(isWanted: targets.data.isWanted)
            if let defect = data.read(base, &i, end) { return defect }
            if targets.data.isWanted { scan.put(Value(arena.copy(data.text), kind: .json), targets.data) }
        }
        guard i < end else { return nil }
        guard byte(base, i) == UInt8(ascii: " ") else { return .strayText }
        i &+= 1
        // A byte order mark says that the message is UTF-8.
        if end &- i >= 3, byte(base, i) == 0xef, byte(base, i &+ 1) == 0xbb, byte(base, i &+ 2) == 0xbf { i &+= 3 }
        putMessage(base, i, end)
        return nil
    }

    /// RFC 3164: TIME HOST APP[PID]: MESSAGE.
    private mutating func readTraditional(_ base: UnsafeRawPointer, _ i: inout Int, _ end: Int) -> TextDefect? {
        let start = i
        if byte(base, i) &- UInt8(ascii: "0") < 10 {
            // RFC 3339, one word.
            while i < end, byte(base, i) != UInt8(ascii: " ") { i &+= 1 }
            guard i &- start >= 19, byte(base, start &+ 4) == UInt8(ascii: "-"),
                byte(base, start &+ 13) == UInt8(ascii: ":")
            else {
                i = start
                return .wrongLayout
            }
        } else {
            // `Mar  1 10:00:00`, perhaps with a fraction.
            guard end &- i >= 15, byte(base, i &+ 3) == UInt8(ascii: " "), byte(base, i &+ 6) == UInt8(ascii: " "),
                byte(base, i &+ 9) == UInt8(ascii: ":"), byte(base, i &+ 12) == UInt8(ascii: ":")
            else { return .wrongLayout }
            i &+= 15
            while i < end, byte(base, i) != UInt8(ascii: " ") { i &+= 1 }
        }
        scan.put(base, start, i, targets.time)
        guard i < end else { return .wrongLayout }
        i &+= 1
        // A first word with a colon is the program: some devices leave the host out.
        var last = i
        while last < end, byte(base, last) != UInt8(ascii: " ") { last &+= 1 }
        if last > i, byte(base, last &- 1) != UInt8(ascii: ":") {
            scan.put(base, i, last, targets.host)
            i = min(end, last &+ 1)
        }
        readTag(base, &i, end)
        putMessage(base, i, end)
        return nil
    }

    /// APP[PID]: or APP:, if it is there; moves after it and the blank behind it.
    private mutating func readTag(_ base: UnsafeRawPointer, _ i: inout Int, _ end: Int) {
        var last = i
        while last < end, ![UInt8(ascii: " "), UInt8(ascii: ":"), UInt8(ascii: "[")].contains(byte(base, last)) {
            last &+= 1
        }
        guard last > i, last < end, byte(base, last) != UInt8(ascii: " ") else { return }
        var after = last
        if byte(base, last) == UInt8(ascii: "[") {
            var close = last &+ 1
            while close < end, byte(base, close) != UInt8(ascii: "]"), byte(base, close) != UInt8(ascii: " ") {
                close &+= 1
            }
            guard close < end, byte(base, close) == UInt8(ascii: "]") else { return }
            scan.put(base, last &+ 1, close, targets.pid)
            after = close &+ 1
        }
        scan.put(base, i, last, targets.app)
        i = after
        if i < end, byte(base, i) == UInt8(ascii: ":") { i &+= 1 }
        if i < end, byte(base, i) == UInt8(ascii: " ") { i &+= 1 }
    }

    /// Stores the message, and how often it was repeated if it says so: `last message repeated 5 times`, `message repeated
    /// 5 times: […]`.
    private mutating func putMessage(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) {
        scan.put(base, start, end, targets.message)
        guard targets.repeated.isWanted else { return }
        let text = UnsafeRawBufferPointer(start: base + start, count: end &- start)
        for prefix in ["last message repeated ", "message repeated "] where text.starts(with: prefix.utf8) {
            var i = prefix.utf8.count
            var number: Int64 = 0
            while i < text.count, text[i] &- UInt8(ascii: "0") < 10, number < 1 << 40 {
                number = number &* 10 &+ Int64(text[i] &- UInt8(ascii: "0"))
                i &+= 1
            }
            if text[i...].starts(with: " times".utf8) { scan.put(Value(number), targets.repeated) }
            return
        }
    }
}

/// Reads structured data of RFC 5424, `[id name="value" …][id …]`, as a JSON object: `{"id":{"name":"value"}}`.
private struct StructuredData: ~Copyable {
    private(set) var text = ByteBuffer()
    private let isWanted: Bool

    init(isWanted: Bool) { self.isWanted = isWanted }

    /// Reads the elements at `i`; moves after the last one.
    mutating func read(_ base: UnsafeRawPointer, _ i: inout Int, _ end: Int) -> TextDefect? {
        guard byte(base, i) == UInt8(ascii: "[") else { return .wrongLayout }
        put(UInt8(ascii: "{"))
        var isFirst = true
        while i < end, byte(base, i) == UInt8(ascii: "[") {
            i &+= 1
            if !isFirst { put(UInt8(ascii: ",")) }
            isFirst = false
            if let defect = readElement(base, &i, end) { return defect }
        }
        put(UInt8(ascii: "}"))
        return nil
    }

    private mutating func readElement(_ base: UnsafeRawPointer, _ i: inout Int, _ end: Int) -> TextDefect? {
        let id = i
        while i < end, byte(base, i) != UInt8(ascii: " "), byte(base, i) != UInt8(ascii: "]") { i &+= 1 }
        guard i < end, i > id else { return .wrongLayout }
        putText(base, id, i)
        put(UInt8(ascii: ":"))
        put(UInt8(ascii: "{"))
        var isFirst = true
        while i < end, byte(base, i) == UInt8(ascii: " ") {
            i &+= 1
            let name = i
            while i < end, byte(base, i) != UInt8(ascii: "=") { i &+= 1 }
            guard i &+ 1 < end, i > name, byte(base, i &+ 1) == UInt8(ascii: "\"") else { return .wrongLayout }
            if !isFirst { put(UInt8(ascii: ",")) }
            isFirst = false
            putText(base, name, i)
            put(UInt8(ascii: ":"))
            i &+= 2
            let value = i
            while i < end, byte(base, i) != UInt8(ascii: "\"") { i &+= byte(base, i) == UInt8(ascii: "\\") ? 2 : 1 }
            guard i < end else { return .unclosedQuote }
            putValue(base, value, i)
            i &+= 1
        }
        guard i < end, byte(base, i) == UInt8(ascii: "]") else { return .wrongLayout }
        i &+= 1
        put(UInt8(ascii: "}"))
        return nil
    }

    private mutating func put(_ byte: UInt8) { if isWanted { text.append(byte) } }

    private mutating func putText(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) {
        guard isWanted else { return }
        text.append(json: Value(UnsafeRawBufferPointer(start: base + start, count: end &- start)))
    }

    /// A value, in which a backslash escapes a quote, a backslash or a bracket.
    private mutating func putValue(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) {
        guard isWanted else { return }
        var plain = ByteBuffer()
        var i = start
        while i < end {
            if byte(base, i) == UInt8(ascii: "\\"), i &+ 1 < end,
                [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "]")].contains(byte(base, i &+ 1))
            {
                i &+= 1
            }
            plain.append(byte(base, i))
            i &+= 1
        }
        plain.withBytes { text.append(json: Value($0)) }
    }
}
