/// The formats that `--input-format` names.
package enum FormatName: String, CaseIterable, Sendable {
    case auto, json
    case jsonStream = "json-stream"
    case logfmt, csv, tsv, common, combined, syslog, docker, cri, journal, lines, regex
}

/// How to read the records of all inputs, as a command line says it.
package struct FormatPlan: Equatable, Sendable {
    package var name = FormatName.auto
    /// Between the values of CSV; nil: the header decides.
    package var separator: UInt8?
    /// The names of values; nil: those in the first line.
    package var columns: [String]?
    /// Whether the first line of CSV and TSV is data.
    package var hasNoHeader = false
    /// The fields of `regex`.
    package var pattern: RegexLayout?
    /// Matches the first line of each record; nil: each line is a record.
    package var recordStart: Regex?

    package init(_ name: FormatName = .auto) { self.name = name }

    /// The format, if it does not depend on the input.
    package var format: InputFormat? {
        guard name != .auto, columns != nil || name != .csv && name != .tsv else { return nil }
        return try? FormatChoice(self).format([], path: "")
    }
}

/// Decides how to read an input, by its first lines.
package struct FormatChoice: Sendable {
    private let plan: FormatPlan

    package init(_ plan: FormatPlan) { self.plan = plan }

    /// Whether the first line does not matter.
    package var isFixed: Bool { ![.auto, .csv, .tsv].contains(plan.name) }

    /// - Parameters:
    ///   - head: the first bytes of the input, with at least its first line unless that is longer.
    ///   - path: its name, whose extension decides where the text does not.
    package func format(_ head: [UInt8], path: String) throws(FormatError) -> InputFormat {
        let format = try formatOfLines(head, path: path)
        return try plan.recordStart.map { pattern throws(FormatError) in try format.recordsStarting(at: pattern) }
            ?? format
    }

    private func formatOfLines(_ head: [UInt8], path: String) throws(FormatError) -> InputFormat {
        switch plan.name {
        case .auto: try guess(head, path: path)
        case .json: .json
        case .jsonStream: .jsonStream
        case .logfmt: .logfmt
        case .csv: .delimited(try layout(head, path, hasQuotes: true))
        case .tsv: .delimited(try layout(head, path, hasQuotes: false))
        case .common, .combined: .accessLog
        case .syslog: .syslog
        case .docker: .docker
        case .cri: .cri
        case .journal: .journal
        case .lines: .lines
        case .regex: plan.pattern.map { .regex($0) } ?? .lines
        }
    }

    /// Whether the bytes contain a whole line that is not blank.
    package static func hasLine(_ head: [UInt8]) -> Bool {
        guard let start = head.firstIndex(where: { $0 > 0x20 }) else { return false }
        return head[start...].contains(UInt8(ascii: "\n"))
    }

    /// By the first line that is not blank.
    private func guess(_ head: [UInt8], path: String) throws(FormatError) -> InputFormat {
        var rest = head[...]
        if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
        rest = rest.drop { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: " ") }
        let line = Array(rest.prefix { $0 != UInt8(ascii: "\n") })
        guard let first = line.first, ForeignContent(line)?.isCertain != true else { return .json }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            guard Self.isWholeObject(line) else { return .jsonStream }
            return Self.isDocker(line) ? .docker : Self.isJournal(line) ? .journal : .json
        }
        if Self.isCRI(line) { return .cri }
        for format in [InputFormat.syslog, .accessLog] where Self.fits(line, format) { return format }
        if Self.isLogfmt(line) { return .logfmt }
        let separator = plan.separator ?? Self.separator(of: line)
        let names = Self.values(line, separator, hasQuotes: separator != UInt8(ascii: "\t"))
        let isNamed = names.count > 1 && names.allSatisfy(Self.isName) && Set(names).count == names.count
        let ending = path.split(separator: ".").last.map { $0.lowercased() }
        if isNamed || ending == "csv" || ending == "tsv" {
            return .delimited(try layout(head, path, hasQuotes: separator != UInt8(ascii: "\t")))
        }
        // Text of any kind is as good as lines if records of several are wanted.
        return plan.recordStart == nil ? .json : .lines
    }

    /// Whether the line is one JSON object, and nothing follows it.
    private static func isWholeObject(_ line: [UInt8]) -> Bool {
        let padded = line + [UInt8](repeating: UInt8(ascii: "\n"), count: Batch.padding)
        return padded.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            guard case .value(let value) = JSONStreamWalk.next(base, from: 0, limit: line.count), value.lowerBound == 0
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
    private static func fits(_ line: [UInt8], _ format: InputFormat) -> Bool {
        var batch = Batch(capacity: line.count + 1)
        (line + [UInt8(ascii: "\n")]).withUnsafeBytes { batch.append($0) }
        var records = Records(columnCount: 1)
        let reader = format.make([FieldPath(name: Array("$watermark".utf8))], line.count + 1)
        return reads(reader, &batch, &records)
    }

    private static func reads(
        _ reader: consuming any RecordFormat & ~Copyable, _ batch: inout Batch, _ records: inout Records
    ) -> Bool {
        reader.read(&batch, into: &records)
        return records.count == 1 && !records.places[0].status.isRejected
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

    /// Two or more words are NAME=VALUE, and most are.
    private static func isLogfmt(_ line: [UInt8]) -> Bool {
        let words = line.split(separator: UInt8(ascii: " "))
        let pairs = words.count { word in
            guard let sign = word.firstIndex(of: UInt8(ascii: "=")), sign > word.startIndex else { return false }
            return word[..<sign].allSatisfy {
                FieldPath.isNameByte($0) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/")].contains($0)
            }
        }
        // Blanks in quotes make words of their own.
        let isQuoted = line.contains(UInt8(ascii: "\""))
        return pairs >= 2 && (isQuoted ? pairs * 4 >= words.count : pairs * 2 >= words.count)
    }

    /// A name as headers have it: `user_id`, `Client IP`.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 60, first &- UInt8(ascii: "0") > 9 else { return false }
        return text.utf8.allSatisfy {
            FieldPath.isNameByte($0)
                || [UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")")]
                    .contains($0)
        } && first != UInt8(ascii: " ")
    }
}

/// An input that cannot be read in the format that the command line names.
package struct FormatError: Error, Equatable {
    package let text: String
}

extension FormatChoice {
    /// The separator and the names of delimited text.
    private func layout(_ head: [UInt8], _ path: String, hasQuotes: Bool) throws(FormatError) -> DelimitedLayout {
        var line = Array(head.prefix { $0 != UInt8(ascii: "\n") })
        if line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let separator = hasQuotes ? plan.separator ?? Self.separator(of: line) : UInt8(ascii: "\t")
        let values = Self.values(line, separator, hasQuotes: hasQuotes)
        var names = plan.columns ?? (plan.hasNoHeader ? values.indices.map { "c\($0 + 1)" } : values)
        if plan.columns == nil, !plan.hasNoHeader {
            for (place, name) in names.enumerated() where names[..<place].contains(name) && !name.isEmpty {
                throw FormatError(text: "column \"\(name)\" twice in the header; name the columns with --columns")
            }
        }
        // A byte that is no name: what has no name is not wanted.
        names = names.map { $0.isEmpty ? "\0" : $0 }
        return DelimitedLayout(
            separator: separator, hasQuotes: hasQuotes, names: names, header: plan.hasNoHeader ? [] : line)
    }

    /// The one that the line has most of, outside of quotes.
    private static func separator(of line: [UInt8]) -> UInt8 {
        var counts: [(byte: UInt8, count: Int)] = [",", ";", "\t", "|"].map { (UInt8(ascii: $0), 0) }
        var isQuoted = false
        for byte in line {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard !isQuoted, let known = counts.firstIndex(where: { $0.byte == byte }) else { continue }
            counts[known].count += 1
        }
        let most = counts.map(\.count).max() ?? 0
        return counts.first { $0.count == most && most > 0 }?.byte ?? UInt8(ascii: ",")
    }

    /// The values of a header. Those in quotes have no line breaks.
    private static func values(_ line: [UInt8], _ separator: UInt8, hasQuotes: Bool) -> [String] {
        var values: [[UInt8]] = [[]]
        var isQuoted = false
        var isStart = true
        var i = 0
        while i < line.count {
            let byte = line[i]
            i += 1
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    values[values.count - 1].append(byte)
                } else if i < line.count, line[i] == UInt8(ascii: "\"") {
                    values[values.count - 1].append(byte)
                    i += 1
                } else {
                    isQuoted = false
                }
            } else if byte == separator {
                values.append([])
                isStart = true
                continue
            } else if byte == UInt8(ascii: "\""), isStart, hasQuotes {
                isQuoted = true
            } else {
                values[values.count - 1].append(byte)
            }
            isStart = false
        }
        return values.map { String(decoding: $0, as: UTF8.self) }
    }
}
