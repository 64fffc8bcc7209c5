import Files
import Glibc
import StreamEngine
import System

/// A file for the textfile collector of Prometheus: always whole, as it is replaced by renaming.
struct MetricsFile {
    /// How often it is written, microseconds.
    private static let interval: Int64 = 5_000_000

    private let path: String
    private let version: String
    private var next = Int64.min

    init(_ path: String, version: String) {
        self.path = path
        self.version = version
    }

    func isDue(_ now: Int64) -> Bool { now >= next }

    /// - Throws: `cannotCreate`, `writeFailed`
    mutating func write(_ statistics: RunStatistics, _ now: Int64, isUp: Bool = true) throws(RunError) {
        next = now &+ Self.interval
        // The collector reads only names that end in .prom.
        let temporary = "\(path).tmp.\(getpid())"
        var sink = try ByteSink.opening(temporary)
        try sink.start()
        var text = ByteBuffer()
        // Without times of samples, which the collector refuses.
        text.append(MetricsText.text(statistics, version: version, isUp: isUp, .prometheus))
        try text.withBytes { bytes throws(RunError) in try sink.write(bytes) }
        try sink.close()
        guard rename(temporary, path) == 0 else {
            let error = FileError()
            unlink(temporary)
            throw .cannotCreate(output: path, reason: error.reason)
        }
    }
}
