/// Decides how to read an input, by its first lines.
package struct FormatChoice: Sendable {
    let plan: FormatPlan

    package init(_ plan: FormatPlan) { self.plan = plan }

    /// Whether the first line does not matter.
    package var isFixed: Bool { ![.auto, .csv, .tsv].contains(plan.name) }

    /// - Parameters:
    ///   - head: the first bytes of the input.
    ///   - path: its name, whose extension decides where the text does not.
    ///   - isWhole: whether no more bytes will be looked at.
    /// - Returns: nil if more bytes are needed.
    package func format(
        _ head: [UInt8], path: String, isWhole: Bool
    ) throws(FormatError) -> InputFormat? {
        guard let format = try formatOfLines(head, path: path, isWhole: isWhole) else { return nil }
        return try plan.recordStart.map { pattern throws(FormatError) in try format.recordsStarting(at: pattern) }
            ?? format
    }

    private func formatOfLines(_ head: [UInt8], path: String, isWhole: Bool) throws(FormatError) -> InputFormat? {
        switch plan.name {
        case .auto: try guess(head, path: path, isWhole: isWhole)
        case .json: .json
        case .jsonStream: .jsonStream
        case .logfmt: .logfmt
        case .csv: try layout(head, path, hasQuotes: true, isWhole).map { .delimited($0) }
        case .tsv: try layout(head, path, hasQuotes: false, isWhole).map { .delimited($0) }
        case .common, .combined: .accessLog
        case .syslog: .syslog
        case .docker: .docker
        case .cri: .cri
        case .journal: .journal
        case .lines: .lines
        case .regex: plan.pattern.map { .regex($0) } ?? .lines
        }
    }

    /// The most lines that are looked at.
    private static let mostLines = 50

    /// By the first line that shows what it is; JSON lines if there is none.
    private func guess(_ head: [UInt8], path: String, isWhole: Bool) throws(FormatError) -> InputFormat? {
        guard ForeignContent.magic(head) == nil else { return .json }
        // The record separator of RFC 7464.
        if head.first == 0x1e { return .jsonStream }
        var lines = HeadLines(head, isWhole: isWhole)
        let other = plan.recordStart == nil ? InputFormat.json : .lines
        for number in 0..<Self.mostLines {
            guard let line = lines.next() else { return isWhole ? other : nil }
            // `[pod/web-1/app] {…}` is an object behind other text.
            if line.first == UInt8(ascii: "["), Self.fits(line, .json) { return .json }
            if line.first == UInt8(ascii: "{") || Self.isArray(line) {
                if Self.isWholeObject(line) {
                    return Self.isDocker(line) ? .docker : Self.isJournal(line) ? .journal : .json
                }
                // A damaged line of JSON lines, or the first of several that an object takes.
                guard let second = lines.next() else {
                    guard isWhole else { return nil }
                    // A line that its writer has not ended yet decides for lines, as it will once it is whole.
                    return line.first == UInt8(ascii: "{") && head.last != UInt8(ascii: "\n") ? .json : .jsonStream
                }
                return Self.isWholeObject(second) ? .json : .jsonStream
            }
            if let format = try guess(line: line, isFirst: number == 0, head, path: path) { return format }
        }
        return other
    }

    /// The format of a line that is not JSON; nil if it could be any.
    private func guess(
        line: [UInt8], isFirst: Bool, _ head: [UInt8], path: String
    ) throws(FormatError) -> InputFormat? {
        if plan.isJSON { return .json }
        if Self.isCRI(line) { return .cri }
        let holdsObject = Self.fits(line, .json)
        if holdsObject, !Self.isTagged(line) { return .json }
        if Self.isSyslog(line) { return .syslog }
        if Self.fits(line, .accessLog) { return .accessLog }
        if holdsObject { return .json }
        if Self.isLogfmt(line) { return .logfmt }
        // Only the first line can be a header.
        guard isFirst, head.first != UInt8(ascii: "\n") else { return nil }
        let separator = plan.separator ?? Self.separator(of: line)
        let names = Self.values(line, separator, hasQuotes: separator != UInt8(ascii: "\t"))
        let isNamed = names.count > 1 && names.allSatisfy(Self.isName) && Set(names).count == names.count
        let ending = path.split(separator: ".").last.map { $0.lowercased() }
        guard isNamed || ending == "csv" || ending == "tsv" else {
            // Text of any kind is as good as lines if records of several are wanted.
            return plan.recordStart == nil ? nil : .lines
        }
        return try layout(head, path, hasQuotes: separator != UInt8(ascii: "\t"), true).map { .delimited($0) }
    }

    /// Whether the first byte that is not blank may begin JSON.
    package static func beginsJSON(_ head: UnsafeRawBufferPointer) -> Bool {
        let first = head.first { $0 > 0x20 && $0 < 0x80 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// `[` alone, or before an object: the start of an array of records.
    private static func isArray(_ line: [UInt8]) -> Bool {
        guard line.first == UInt8(ascii: "[") else { return false }
        let next = line.dropFirst().first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        return next == nil || next == UInt8(ascii: "{") || next == UInt8(ascii: "]")
    }

    /// Whether the line is one JSON object, and nothing follows it.
    private static func isWholeObject(_ line: [UInt8]) -> Bool {
        let padded = line + [UInt8](repeating: UInt8(ascii: "\n"), count: Batch.padding)
        return padded.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            guard case .value(let value) = JSONStreamWalk.next(base, from: 0, limit: line.count, maxLength: line.count),
                value.lowerBound == 0
            else { return false }
            return line[value.upperBound...].allSatisfy { $0 == UInt8(ascii: " ") || $0 == 0x0d || $0 == 0x09 }
        }
    }

    /// `{"log":"…","stream":"stdout","time":"…"}`, perhaps with `attrs`.
    private static func isDocker(_ line: [UInt8]) -> Bool {
        guard line.starts(with: Array("{\"log\":\"".utf8)),
            let object = try? ControlJSON(parsing: String(decoding: line, as: UTF8.self))
        else { return false }
        guard case .text? = object["log"], case .text(let stream)? = object["stream"], case .text? = object["time"]
        else {
            return false
        }
        let names: Set = ["log", "stream", "attrs", "time"]
        return (stream == "stdout" || stream == "stderr") && object.members.allSatisfy { names.contains($0.name) }
    }

    /// An object as `journalctl -o json` prints it. A quote inside of a text would have a backslash in front.
    private static func isJournal(_ line: [UInt8]) -> Bool {
        let name = Array("\"__REALTIME_TIMESTAMP\"".utf8)
        return line.withUnsafeBytes { line in
            name.withUnsafeBytes { findBytes($0, in: line, from: 0) }
        } >= 0
    }

    /// Whether the format reads the line.
    static func fits(_ line: [UInt8], _ format: InputFormat) -> Bool {
        var batch = Batch(capacity: line.count + 1)
        (line + [UInt8(ascii: "\n")]).withUnsafeBytes { batch.append($0) }
        var records = Records(columnCount: 1)
        let reader = format.make([FieldPath(name: Array("$watermark".utf8))], line.count + 1)
        return reads(&batch, reader, into: &records)
    }

    /// Whether the batch holds one record that the format accepts.
    private static func reads(
        _ batch: inout Batch, _ format: consuming any RecordFormat & ~Copyable, into records: inout Records
    ) -> Bool {
        format.read(&batch, into: &records)
        return records.count == 1 && records.isReadable(0)
    }

    /// Whether the text before an object may be that of a line of syslog: `<34>1 …`, `… app[123]: {…}`.
    private static func isTagged(_ line: [UInt8]) -> Bool {
        let text = line.prefix { $0 != UInt8(ascii: "{") }
        return line.first == UInt8(ascii: "<") || text.last { $0 > 0x20 } == UInt8(ascii: ":")
    }

    /// TIME stdout|stderr P|F TEXT
    private static func isCRI(_ line: [UInt8]) -> Bool {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
        guard words.count >= 3, words[0].count >= 20, words[0].contains(UInt8(ascii: "T")) else { return false }
        let stream = String(decoding: words[1], as: UTF8.self)
        return (stream == "stdout" || stream == "stderr")
            && (words[2].first == UInt8(ascii: "P") || words[2].first == UInt8(ascii: "F"))
            && (words[2].count == 1 || words[2].dropFirst().first == UInt8(ascii: ":"))
    }

    /// A line of syslog. One that begins with RFC 3339 and has no `<PRI>` must name a host and a program: logs of other
    /// programs begin with a time and a level.
    private static func isSyslog(_ line: [UInt8]) -> Bool {
        guard fits(line, .syslog) else { return false }
        guard let first = line.first, first &- UInt8(ascii: "0") < 10, !line.starts(with: "1 ".utf8) else {
            return true
        }
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
        // Heroku writes no host: `TIME app[web.1]: …`.
        if words.count > 2, words[1].suffix(2).elementsEqual("]:".utf8) { return true }
        guard words.count > 3, let last = words[2].last, last == UInt8(ascii: ":") else { return false }
        let host = String(decoding: words[1], as: UTF8.self)
        return host.utf8.allSatisfy { FieldPath.isNameByte($0) || "-.:".utf8.contains($0) }
            && !levels.contains(host.lowercased())
    }

    static let levels: Set<String> = [
        "trace", "debug", "info", "information", "notice", "warn", "warning", "error", "err", "fatal", "critical",
        "crit",
        "severe", "fine", "finer", "finest", "panic", "alert", "emerg", "log",
    ]

    /// Two or more words are NAME=VALUE, and most are.
    static func isLogfmt(_ line: [UInt8]) -> Bool {
        let words = line.split(separator: UInt8(ascii: " "))
        let pairs = words.count { word in
            guard let sign = word.firstIndex(of: UInt8(ascii: "=")), sign > word.startIndex else { return false }
            return word[..<sign].allSatisfy { FieldPath.isNameByte($0) || ".-/".utf8.contains($0) }
        }
        // Blanks in quotes make words of their own.
        let isQuoted = line.contains(UInt8(ascii: "\""))
        return pairs >= 2 && (isQuoted ? pairs * 4 >= words.count : pairs * 2 >= words.count)
    }

    /// A name as headers have it: `user_id`, `Client IP`.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 60, first &- UInt8(ascii: "0") > 9 else { return false }
        return text.utf8.allSatisfy { FieldPath.isNameByte($0) || " -.()".utf8.contains($0) }
            && first != UInt8(ascii: " ")
    }
}

/// The lines at the start of an input that are not blank, without their ends.
private struct HeadLines: IteratorProtocol {
    private var rest: ArraySlice<UInt8>
    private let isWhole: Bool

    /// - Parameter isWhole: whether the last line is one even without its newline.
    init(_ head: [UInt8], isWhole: Bool) {
        rest = head[...]
        if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
        self.isWhole = isWhole
    }

    mutating func next() -> [UInt8]? {
        rest = rest.drop { $0 <= 0x20 }
        let line = rest.prefix { $0 != UInt8(ascii: "\n") }
        guard !line.isEmpty, isWhole || line.endIndex < rest.endIndex else { return nil }
        rest = rest[line.endIndex...]
        return Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
    }
}

/// An input that cannot be read in the format that the command line names.
package struct FormatError: Error, Equatable {
    package let text: String
}
