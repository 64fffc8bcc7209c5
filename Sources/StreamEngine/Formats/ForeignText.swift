/// Logs that name their fields in the text, and the parts of lines of plain text.
package enum ForeignText {
    /// The names of the fields in a `#Fields:` line of a W3C extended log, or a `#fields` line of a Zeek log.
    ///
    /// - Parameter head: the first bytes of the input.
    package static func columns(_ head: [UInt8]) -> [String] {
        for line in head.split(separator: UInt8(ascii: "\n")) where line.first == UInt8(ascii: "#") {
            let words = line.split { Ascii.isSpace($0) }.map { String(decoding: $0, as: UTF8.self) }
            if words.first?.lowercased() == "#fields:" || words.first == "#fields" { return Array(words.dropFirst()) }
        }
        return []
    }

    /// Whether the values of such a log are separated by tabs.
    package static func hasTabs(_ head: [UInt8]) -> Bool {
        let lines = head.split(separator: UInt8(ascii: "\n"))
        return (lines.first { $0.first != UInt8(ascii: "#") } ?? lines.last)?.contains(UInt8(ascii: "\t")) ?? false
    }

    /// The separator that a first line `sep=;` names, as spreadsheets write it.
    package static func separator(_ head: [UInt8]) -> Character? {
        let line = String(decoding: head.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        return line.count == 5 && line.hasPrefix("sep=") ? line.last : nil
    }

    /// The name of the encoding of UTF-16 text: without a mark at its start, the order of the bytes.
    package static func encoding(_ head: [UInt8]) -> String {
        head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff])
            ? "UTF-16" : head.first == 0 ? "UTF-16BE" : "UTF-16LE"
    }

    /// What the lines name in every one, or in a comment before them.
    static func content(_ lines: [String], _ head: [UInt8]) -> ForeignContent? {
        guard let first = lines.first else { return nil }
        if first.hasPrefix("#"), !columns(head).isEmpty { return first.hasPrefix("#separator") ? .zeek : .w3c }
        // The last line may be cut off.
        if lines.count(where: isLabelled) * 3 > lines.count * 2 { return .ltsv }
        if separator(head) != nil { return .spreadsheetCSV }
        return hasLength(Array(first.utf8)[...]) ? .countedSyslog : nil
    }

    /// `NAME:VALUE`, tab, `NAME:VALUE`
    private static func isLabelled(_ line: String) -> Bool {
        let cells = line.utf8.split(separator: UInt8(ascii: "\t"))
        return cells.count > 1
            && cells.allSatisfy { cell in
                let name = cell.prefix { FieldPath.isNameByte($0) || $0 == Ascii.dot || $0 == Ascii.minus }
                return !name.isEmpty && cell.dropFirst(name.count).first == Ascii.colon
            }
    }

    /// `123 <34>…`: the length of the message before it.
    private static func hasLength(_ line: ArraySlice<UInt8>) -> Bool {
        let number = line.prefix { Ascii.digit($0) != nil }
        let rest = line.dropFirst(number.count)
        guard !number.isEmpty, number.count < 6, rest.starts(with: " <".utf8) else { return false }
        let priority = rest.dropFirst(2).prefix { Ascii.digit($0) != nil }
        return !priority.isEmpty && priority.count < 4
            && rest.dropFirst(2 + priority.count).first == UInt8(ascii: ">")
    }

    /// A pattern for `--regex` that takes the time of a line, a level behind it and the rest; and the format of the time
    /// if it needs one.
    ///
    /// - Parameter head: the first bytes of the input.
    /// - Returns: nil if its first line has no time at its start or in its first brackets.
    package static func pattern(_ head: [UInt8]) -> (regex: String, timeFormat: String?)? {
        let line = head.split(separator: UInt8(ascii: "\n")).first { !$0.allSatisfy(Ascii.isSpace) } ?? []
        if let words = wordsOfTime(line) {
            let time = Array(repeating: #"\S+"#, count: words.count).joined(separator: " +")
            return ("^(?<time>\(time))" + rest(line[(words.last?.endIndex ?? line.endIndex)...]), nil)
        }
        if isOfKubernetes(line) {
            return (#"^(?<level>[IWEF])(?<time>\d{4} \S+) +\d+ (?<source>[^]]+)\] (?<message>.*)"#, "%m%d %H:%M:%S%.f")
        }
        guard let start = line.firstIndex(of: UInt8(ascii: "[")),
            let end = line[start...].firstIndex(of: UInt8(ascii: "]")), time(line[(start + 1)..<end]) != .none
        else { return nil }
        let isFirst = start == line.startIndex
        return ((isFirst ? "^" : "") + #"\[(?<time>[^]]+)\]"# + rest(line[(end + 1)...]), nil)
    }

    /// `I0203 07:08:09.123456   12345 file.go:116] …`
    private static func isOfKubernetes(_ line: ArraySlice<UInt8>) -> Bool {
        guard let first = line.first, "IWEF".utf8.contains(first),
            let pattern = try? TimePattern.compile("%m%d %H:%M:%S%.f")
        else { return false }
        let words = line.dropFirst().split(separator: Ascii.space, maxSplits: 4)
        guard words.count == 5, words[3].last == UInt8(ascii: "]"), words[2].allSatisfy({ Ascii.digit($0) != nil })
        else { return false }
        return Array(words[0] + [Ascii.space] + words[1]).withUnsafeBytes { pattern.read($0, zone: .utc) != .none }
    }

    /// The words at the start of a line that are its time.
    private static func wordsOfTime(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        guard line.first != UInt8(ascii: "[") else { return nil }
        let words = line.split(maxSplits: 6) { $0 == Ascii.space }
        var found: (count: Int, time: TimeReading)?
        for count in 1..<7 where count < words.count {
            let end = words[count - 1].endIndex
            let time = time(line[..<end])
            // Words behind the offset do not change a time, and are not part of it.
            if time != .none, time != found?.time { found = (count, time) }
        }
        guard var count = found?.count else { return nil }
        if TimeHints.isZone(String(decoding: words[count], as: UTF8.self)) { count += 1 }
        return Array(words[..<count])
    }

    /// The pattern for what is behind the time.
    private static func rest(_ text: ArraySlice<UInt8>) -> String {
        let word = text.drop { !Ascii.isLetter($0) }.prefix { Ascii.isLetter($0) }
        let isNear = word.startIndex - text.startIndex < 5
        guard isNear, FormatChoice.levels.contains(String(decoding: word, as: UTF8.self).lowercased()) else {
            return #"\s+(?<message>.*)"#
        }
        return #"\W+(?<level>\w+)\S*\s+(?<message>.*)"#
    }

    /// A text as a time: of this century if it is a number.
    private static func time(_ text: ArraySlice<UInt8>) -> TimeReading {
        Array(text).withUnsafeBytes { bytes in
            var reader = TimeReader(.auto, zone: .utc)
            let time = reader.read(Value(bytes))
            guard case .time(let value) = time else { return time }
            return value >= 946_684_800_000_000 && value < 4_102_444_800_000_000 ? time : .none
        }
    }
}
