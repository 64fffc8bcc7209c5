import Plan
import StreamEngine

extension ForeignContent {
    /// What it is, and the command that makes JSON lines of it.
    ///
    /// - Parameter name: what messages call the input.
    func message(_ name: String) -> String {
        if self == .parquet, name != "stdin" {
            // Prints JSON lines.
            let query = "COPY (FROM '\(name.replacing("'", with: "''"))') TO '/dev/stdout' (FORMAT json)"
            return "\(name) is \(description): duckdb -c \(Shell.quoted(query)) | streamctl -W none …"
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
        case .jsonArray: "jq -c '.[]'"
        case .prettyJSON: "jq -c ."
        case .csv: "mlr --icsv --ojsonl cat"
        case .semicolonCSV: "mlr --icsv --ifs ';' --ojsonl cat"
        case .tsv: "mlr --itsv --ojsonl cat"
        case .accessLog:
            #"jq -Rc 'capture("^(?<ip>\\S+) \\S+ (?<user>\\S+) \\[(?<time>[^]]+)\\] \"(?<request>[^\"]*)\" "#
                + #"(?<status>\\d+) (?<bytes>\\S+)")'"#
        case .logfmt:
            #"jq -Rc '[scan("([^ =]+)=(\"[^\"]*\"|[^ ]*)") | {(.[0]): (.[1] | ltrimstr("\"") | rtrimstr("\""))}] | add'"#
        case .text: "jq -Rc '{line: .}'"
        case .parquet, .arrow, .confluent, .binary, .html, .xml: nil
        }
    }
}
