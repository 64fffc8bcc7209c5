extension FormatChoice {
    /// The separator and the names of delimited text.
    ///
    /// - Returns: nil if the first line is not whole.
    func layout(
        _ head: [UInt8], _ path: String, hasQuotes: Bool, _ isWhole: Bool
    ) throws(FormatError) -> DelimitedLayout? {
        // Lines of two-byte text could be taken for rows.
        if let content = ForeignContent.magic(head), content.isCertain {
            let remedy = content == .utf16 ? "; iconv -f \(ForeignText.encoding(head)) -t UTF-8 makes UTF-8 of it" : ""
            throw FormatError(text: "\(content.noun)\(remedy)")
        }
        var line = Array(head.prefix { $0 != UInt8(ascii: "\n") })
        guard isWhole || line.count < head.count else { return nil }
        if line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let separator = hasQuotes ? plan.separator ?? Self.separator(of: line) : UInt8(ascii: "\t")
        let values = Self.values(line, separator, hasQuotes: hasQuotes)
        var names = plan.columns ?? (plan.hasNoHeader ? values.indices.map { "c\($0 + 1)" } : values)
        if plan.columns == nil, !plan.hasNoHeader {
            // As bytes: é has two spellings in Unicode.
            var seen: Set<[UInt8]> = []
            for name in names where !name.isEmpty && !seen.insert(Array(name.utf8)).inserted {
                throw FormatError(text: "column \"\(name)\" twice in the header; name the columns with --columns")
            }
        }
        // A byte that is no name: what has no name is not wanted.
        names = names.map { $0.isEmpty ? "\0" : $0 }
        // With names of its own, the command line may not know whether there is a header.
        let isHeader = !plan.hasNoHeader && (plan.columns == nil || values.allSatisfy(Self.isName))
        return DelimitedLayout(
            separator: separator, hasQuotes: hasQuotes, names: names, header: isHeader ? line : [],
            rejectsShortRows: plan.rejectsShortRows)
    }

    /// The one that the line has most of, outside of quotes.
    static func separator(of line: [UInt8]) -> UInt8 {
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
    static func values(_ line: [UInt8], _ separator: UInt8, hasQuotes: Bool) -> [String] {
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
