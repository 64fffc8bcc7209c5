/// What an input that is not JSON lines looks like, by its first bytes.
package enum ForeignContent: Equatable, Sendable, CaseIterable {
    // Compressed or binary: nothing of it can be read.
    case gzip, zstd, xz, bzip2, lz4, zip, tar, parquet, avro, arrow, utf16, utf32, confluent, binary
    /// Text in an encoding with one byte for each character, such as Windows-1252.
    case oneByteText
    // JSON in another arrangement.
    case jsonArray, prettyJSON
    // Text.
    case html, xml, csv, semicolonCSV, tsv, accessLog, logfmt, w3c, zeek, ltsv, countedSyslog, spreadsheetCSV, text

    /// Text that is a log, which the format of `--input-format` was meant to read.
    package var isLog: Bool {
        switch self {
        case .csv, .semicolonCSV, .tsv, .accessLog, .logfmt, .text: true
        default: false
        }
    }

    /// Whether a few bytes decide: what follows cannot be JSON lines.
    package var isCertain: Bool {
        switch self {
        case .gzip, .zstd, .xz, .bzip2, .lz4, .zip, .tar, .parquet, .avro, .arrow, .utf16, .utf32: true
        default: false
        }
    }

    /// Whether one line of it can be a damaged line of JSON lines.
    package var mayBeOneLine: Bool { self == .prettyJSON || self == .text }

    /// - Parameter head: the first bytes of the input, with at least its first line unless that is longer.
    package init?(_ head: [UInt8]) {
        guard !head.isEmpty else { return nil }
        if let magic = Self.magic(head) {
            self = magic
            return
        }
        if Self.isBinary(head) {
            self = .binary
            return
        }
        // The last line may be cut off in a character.
        let whole = head.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? (head.count < 4096 ? head.count : 0)
        if String(validating: head[..<whole], as: UTF8.self) == nil {
            self = .oneByteText
            return
        }
        let rows = head.split(separator: UInt8(ascii: "\n")).prefix(20).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        let lines = rows.map(\.trimmingBlanks).filter { !$0.isEmpty }
        guard let first = lines.first else { return nil }
        self =
            Self.json(lines, first) ?? Self.markup(first) ?? ForeignText.content(lines, head) ?? Self.table(
                rows.filter { !$0.isEmpty }) ?? Self.log(lines)
            ?? .text
    }

    /// - Parameter message: a message of a topic that is not JSON.
    /// - Returns: nil for text.
    package init?(message: [UInt8]) {
        if Self.schema(of: message) != nil {
            self = .confluent
        } else if let magic = Self.magic(message) {
            self = magic
        } else if Self.isBinary(message) {
            self = .binary
        } else {
            return nil
        }
    }

    /// The number of the schema of a message that is probably in Confluent's wire format.
    package static func schema(of message: [UInt8]) -> UInt32? {
        guard message.count > WireHeader.size, let number = message.withUnsafeBytes({ WireHeader.schema(of: $0) })
        else { return nil }
        return number > 0 && number < 1 << 24 ? number : nil
    }

    private static func isBinary(_ head: [UInt8]) -> Bool {
        head.prefix(1024).contains { $0 < 0x09 || $0 > 0x0d && $0 < 0x20 && $0 != 0x1b }
    }

    /// What it is, as a noun.
    package var noun: String {
        switch self {
        case .gzip: "gzip data"
        case .zstd: "Zstandard data"
        case .xz: "xz data"
        case .bzip2: "bzip2 data"
        case .lz4: "LZ4 data"
        case .zip: "a zip archive"
        case .tar: "a tar archive"
        case .parquet: "a Parquet file"
        case .avro: "an Avro file"
        case .arrow: "an Arrow file"
        case .utf16: "UTF-16 text"
        case .utf32: "UTF-32 text"
        case .oneByteText: "text that is not UTF-8"
        case .confluent: "Confluent wire format"
        case .binary: "binary data"
        case .jsonArray: "a JSON array"
        case .prettyJSON: "JSON with line breaks inside of records"
        case .html: "an HTML page"
        case .xml: "XML"
        case .csv: "CSV"
        case .semicolonCSV: "CSV with semicolons"
        case .tsv: "tab-separated values"
        case .accessLog: "an access log"
        case .logfmt: "logfmt"
        case .w3c: "a W3C extended log"
        case .zeek: "a Zeek log"
        case .ltsv: "LTSV"
        case .spreadsheetCSV: "CSV with a line before its header"
        case .countedSyslog: "syslog with the length before each message"
        case .text: "plain text"
        }
    }

    /// The content that its first bytes are enough to tell.
    static func magic(_ head: [UInt8]) -> ForeignContent? {
        let signatures: [([UInt8], ForeignContent)] = [
            ([0x1f, 0x8b], .gzip), ([0x28, 0xb5, 0x2f, 0xfd], .zstd), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], .xz),
            (Array("BZh".utf8), .bzip2), ([0x04, 0x22, 0x4d, 0x18], .lz4), ([0x02, 0x21, 0x4c, 0x18], .lz4),
            ([0x50, 0x4b, 0x03, 0x04], .zip), (Array("PAR1".utf8), .parquet), (Array("Obj\u{1}".utf8), .avro),
            (Array("ARROW1".utf8), .arrow), (Array("%PDF-".utf8), .binary),
            ([0xff, 0xfe, 0, 0], .utf32), ([0, 0, 0xfe, 0xff], .utf32), ([0xff, 0xfe], .utf16), ([0xfe, 0xff], .utf16),
        ]
        if let found = signatures.first(where: { head.starts(with: $0.0) }) { return found.1 }
        if head.count > 262, head[257..<262].elementsEqual("ustar".utf8) { return .tar }
        // UTF-16 without a mark: `{`, 0.
        let start = head.prefix(8)
        guard start.count == 8 else { return nil }
        let zeros = start.enumerated().filter { $0.element == 0 }.map(\.offset)
        return zeros == [1, 3, 5, 7] || zeros == [0, 2, 4, 6] ? .utf16 : nil
    }

    private static func json(_ lines: [String], _ first: String) -> ForeignContent? {
        guard let start = first.utf8.first else { return nil }
        if start == UInt8(ascii: "[") {
            let next = first.dropFirst().first { $0 != " " } ?? lines.dropFirst().first?.first
            return next == nil || next == "{" || next == "]" ? .jsonArray : nil
        }
        if start == UInt8(ascii: "{") {
            if first == "{" || first.hasSuffix("{") || first.hasSuffix(",") || first.hasSuffix("[") {
                return .prettyJSON
            }
        }
        return nil
    }

    private static func markup(_ first: String) -> ForeignContent? {
        let start = first.prefix(15).lowercased()
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") || start.hasPrefix("<head") { return .html }
        return start.hasPrefix("<?xml") || start.hasPrefix("<") && first.hasSuffix(">") ? .xml : nil
    }

    /// Comma- or tab-separated values: every line has as many of them as the first.
    private static func table(_ lines: [String]) -> ForeignContent? {
        for (separator, content) in [("\t" as Character, ForeignContent.tsv), (",", .csv), (";", .semicolonCSV)] {
            let counts = lines.prefix(10).map { fields(of: $0, separator) }
            // The last line may be cut off.
            guard let first = counts.first, first > 1,
                counts.dropLast(counts.count > 2 ? 1 : 0).allSatisfy({ $0 == first })
            else { continue }
            // A header is names; one line alone could be any text.
            let header = lines[0].split(separator: separator, omittingEmptySubsequences: false)
            let areNames = header.allSatisfy { name in
                !name.isEmpty && name.utf8.count <= 60 && !name.contains("=") && !name.contains("{")
            }
            if areNames, counts.count > 1 { return content }
        }
        return nil
    }

    /// The number of fields; separators in double quotes do not count.
    private static func fields(of line: String, _ separator: Character) -> Int {
        var count = 1
        var isQuoted = false
        for character in line {
            if character == "\"" { isQuoted.toggle() }
            if character == separator, !isQuoted { count += 1 }
        }
        return count
    }

    private static func log(_ lines: [String]) -> ForeignContent? {
        func share(_ matches: (String) -> Bool) -> Bool { lines.count { matches($0) } * 2 > lines.count }
        if share({ FormatChoice.fits(Array($0.utf8), .accessLog) }) { return .accessLog }
        return share { FormatChoice.isLogfmt(Array($0.utf8)) } ? .logfmt : nil
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
        let end = lastIndex { !isBlank($0) }
        guard let start = firstIndex(where: { !isBlank($0) }), let end else { return "" }
        return String(self[start...end])
    }
}
