import Plan
import StreamEngine

extension ForeignContent {
    /// What it is, and the option that reads it or the command that makes JSON lines of it.
    ///
    /// - Parameter name: what messages call the input.
    func message(_ name: String) -> String {
        if self == .parquet, name != "stdin" {
            // Prints JSON lines.
            let query = "COPY (FROM '\(name.replacing("'", with: "''"))') TO '/dev/stdout' (FORMAT json)"
            return "\(name) is \(description): duckdb -c \(Shell.quoted(query)) | streamctl -W none …"
        }
        if let option {
            let place = name == "stdin" ? "… | streamctl \(option)" : "streamctl \(option) \(Shell.quoted(name))"
            return "\(name) is \(description): \(place) …"
        }
        guard let command else { return "\(name) is \(description)" }
        return "\(name) is \(description): \(Shell.pipe(command, reading: name))"
    }

    /// What it is, rather than JSON lines.
    private var description: String {
        switch self {
        case .gzip, .zstd, .xz, .bzip2, .lz4, .zip, .parquet, .avro, .arrow, .utf16: noun
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
        case .confluent: return "\(text): \(kcat) -s value=avro -r http://REGISTRY:8081 | streamctl …"
        case .gzip, .zstd, .xz, .bzip2, .lz4:
            // What is compressed message by message can be read as a whole.
            guard let command else { return text }
            return "\(text): \(kcat) -f %s | \(command) | streamctl …"
        default: return text
        }
    }

    /// The option that reads it, although its first records do not show its format.
    private var option: String? {
        switch self {
        case .jsonArray, .prettyJSON: "-i json-stream"
        case .csv: "-i csv --no-header"
        case .semicolonCSV: "-i csv --delimiter ';' --no-header"
        case .tsv: "-i tsv --no-header"
        case .accessLog: "-i combined"
        case .logfmt: "-i logfmt"
        case .text: "-i lines"
        default: nil
        }
    }

    /// Reads the file that follows, or standard input, and writes JSON lines.
    private var command: String? {
        switch self {
        case .gzip: "zcat"
        case .zstd: "zstdcat"
        case .xz: "xzcat"
        case .bzip2: "bzcat"
        case .lz4: "lz4cat"
        case .zip: "unzip -p"
        case .utf16: "iconv -f UTF-16 -t UTF-8"
        case .avro: "fastavro"
        default: nil
        }
    }
}
