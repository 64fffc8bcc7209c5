import Plan
import StreamEngine

extension ForeignContent {
    /// What it is, and the command that makes JSON lines of it.
    ///
    /// - Parameter name: what messages call the input.
    func message(_ name: String) -> String {
        guard let command else { return "\(name) is \(noun)" }
        guard name != "stdin" else { return "stdin is \(noun): … | \(command) | streamctl …" }
        // In a pipe, an input is live unless --watermark says otherwise.
        return "\(name) is \(noun): \(command) \(Shell.quoted(name)) | streamctl -W none …"
    }

    private var noun: String {
        switch self {
        case .gzip: "gzip data"
        case .zstd: "Zstandard data"
        case .xz: "xz data"
        case .bzip2: "bzip2 data"
        case .lz4: "LZ4 data"
        case .zip: "a zip archive"
        case .parquet: "a Parquet file"
        case .utf16: "UTF-16 text"
        case .binary: "binary data, not JSON lines"
        case .jsonArray: "a JSON array, not JSON lines"
        case .prettyJSON: "JSON with line breaks inside of records, not JSON lines"
        case .html: "an HTML page, not JSON lines (an error page of the server?)"
        case .xml: "XML, not JSON lines"
        case .csv: "CSV, not JSON lines"
        case .semicolonCSV: "CSV with semicolons, not JSON lines"
        case .tsv: "tab-separated values, not JSON lines"
        case .accessLog: "an access log, not JSON lines"
        case .logfmt: "logfmt, not JSON lines"
        case .text: "plain text, not JSON lines"
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
        case .parquet, .binary, .html, .xml: nil
        }
    }
}
