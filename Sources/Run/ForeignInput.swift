import Plan
import StreamEngine

extension ForeignContent {
    /// What it is, and the option that reads it or the command that makes JSON lines of it.
    ///
    /// - Parameters:
    ///   - name: what messages call the input.
    ///   - head: its first bytes.
    func message(_ name: String, _ head: [UInt8] = []) -> String {
        if let filter = filter(name, head) {
            return "\(name) is \(description): \(Shell.pipe(filter.command, reading: name, with: filter.options))"
        }
        if self == .parquet {
            // Prints JSON lines, and reads no pipe.
            let isPipe = name == "stdin"
            let file = isPipe ? "FILE.parquet" : name
            let query = "COPY (FROM '\(file.replacing("'", with: "''"))') TO '/dev/stdout' (FORMAT json)"
            return
                "\(name) is \(description)\(isPipe ? ", which must be in a file" : ""): duckdb -c \(Shell.quoted(query)) | streamctl -W none …"
        }
        if let option = option(head) {
            let place = name == "stdin" ? "… | streamctl \(option)" : "streamctl \(option) \(Shell.quoted(name))"
            return "\(name) is \(description): \(place) …"
        }
        guard let command = command(head) else { return "\(name) is \(description)" }
        return "\(name) is \(description): \(Shell.pipe(command, reading: name))"
    }

    /// What it is, rather than JSON lines.
    private var description: String {
        switch self {
        case .gzip, .zstd, .xz, .bzip2, .lz4, .zip, .tar, .parquet, .avro, .arrow, .utf16, .utf32, .oneByteText: noun
        case .html: "\(noun), not JSON lines (an error page of the server?)"
        default: "\(noun), not JSON lines"
        }
    }

    /// What the messages of a topic are, and the command that makes JSON lines of them.
    ///
    /// - Parameters:
    ///   - name: the partition: `events[3]`.
    ///   - url: the input on the command line.
    ///   - head: the first bytes of a message.
    func message(ofTopic name: String, _ url: String, _ head: [UInt8]) -> String {
        let schema = ForeignContent.schema(of: head).map { " (schema \($0))" } ?? ""
        let text = "messages of \(name) are \(self == .confluent ? "in " : "")\(noun)\(schema), not JSON"
        let broker = url.replacing("kafka://", with: "").prefix { $0 != "/" }
        let topic = name.prefix { $0 != "[" }
        let kcat = "kcat -C -q -u -b \(broker) -t \(Shell.quoted(String(topic)))"
        switch self {
        case .confluent:
            return
                "\(text): add -X schema.registry.url=http://REGISTRY:8081, or \(kcat) -s value=avro -r "
                + "http://REGISTRY:8081 | streamctl …"
        case .gzip, .zstd, .xz, .bzip2, .lz4:
            // What is compressed message by message can be read as a whole.
            guard let command = command() else { return text }
            return "\(text): \(kcat) -f %s | \(command) | streamctl …"
        default: return text
        }
    }

    /// The option that reads it, although its first records do not show its format.
    private func option(_ head: [UInt8]) -> String? {
        switch self {
        case .jsonArray, .prettyJSON: "-i json-stream"
        case .csv: "-i csv --no-header"
        case .semicolonCSV: "-i csv --delimiter ';' --no-header"
        case .tsv: "-i tsv --no-header"
        case .accessLog: "-i combined"
        case .logfmt: "-i logfmt"
        case .text:
            ForeignText.pattern(head).map { found in
                "--regex \(Shell.quoted(found.regex)) -t time"
                    + (found.timeFormat.map { " --time-format \(Shell.quoted($0))" } ?? "")
            } ?? "-i lines"
        default: nil
        }
    }

    /// The command that changes what separates or labels the fields, and the options that read what it writes.
    private func filter(_ name: String, _ head: [UInt8]) -> (command: String, options: String)? {
        let isGzip = name.hasSuffix(".gz")
        switch self {
        case .w3c, .zeek:
            let names = ForeignText.columns(head)
            let columns = "--no-header --columns \(Shell.quoted(names.joined(separator: ",")))"
            let format = ForeignText.hasTabs(head) ? "-i tsv" : "-i csv --delimiter ' '"
            let hasTime = names.contains("date") && names.contains("time")
            let time = hasTime ? " --let \"at=concat(date, ' ', time)\" -t at" : names.contains("ts") ? " -t ts" : ""
            return ("\(isGzip ? "zgrep" : "grep") -v '^#'", "\(format) \(columns)\(time)")
        case .ltsv:
            let script = #"s/[\\"]/\\&/g; s/\(^\|\t\)\([^:\t]*\):\([^\t]*\)/ \2="\3"/g"#
            return isGzip ? nil : ("sed \(Shell.quoted(script))", "-i logfmt")
        case .spreadsheetCSV:
            guard !isGzip, let separator = ForeignText.separator(head) else { return nil }
            return ("tail -n +2", "-i csv --delimiter '\(separator)'")
        case .countedSyslog: return isGzip ? nil : ("sed 's/^[0-9]* //'", "-i syslog")
        default: return nil
        }
    }

    /// Reads the file that follows, or standard input, and writes JSON lines.
    private func command(_ head: [UInt8] = []) -> String? {
        switch self {
        case .gzip: "zcat"
        case .zstd: "zstdcat"
        case .xz: "xzcat"
        case .bzip2: "bzcat"
        case .lz4: "lz4cat"
        case .zip: "unzip -p"
        case .tar: "tar -xOf"
        case .utf16: "iconv -f \(head.isEmpty ? "UTF-16" : ForeignText.encoding(head)) -t UTF-8"
        case .utf32: "iconv -f UTF-32 -t UTF-8"
        case .oneByteText: "iconv -f WINDOWS-1252 -t UTF-8"
        case .avro: "fastavro"
        default: nil
        }
    }
}
