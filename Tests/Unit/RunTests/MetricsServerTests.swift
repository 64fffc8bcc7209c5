import Glibc
import Plan
import Synchronization
import Testing

@testable import Run

@Suite("the server of metrics") struct MetricsServerTests {
    private let address = MetricsAddress(host: "127.0.0.1", port: 0, text: "0")

    /// Sends a request; the answer.
    private func ask(_ text: String, of port: UInt16) throws -> String {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        var to = sockaddr_in()
        to.sin_family = sa_family_t(AF_INET)
        to.sin_port = port.bigEndian
        to.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafeBytes(of: &to) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(client, $0.baseAddress, socklen_t(bytes.count)) }
        }
        try #require(code == 0)
        let request = Array(text.utf8)
        try #require(send(client, request, request.count, 0) == request.count)
        var answer: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(client, &room, room.count, 0), count > 0 { answer += room[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }

    private func status(_ path: String, of port: UInt16) throws -> Int? {
        Int(try ask("GET \(path) HTTP/1.1\r\n\r\n", of: port).split(separator: " ")[1])
    }

    @Test("a run is ready once it has begun and its replay is over") func ready() throws {
        let server = try MetricsServer(address, version: "1")
        defer { server.end() }
        #expect(try status("/readyz", of: server.port) == 503)
        var statistics = RunStatistics()
        statistics.time = 1
        statistics.replayed = 0.25
        server.publish(statistics)
        #expect(try status("/readyz", of: server.port) == 503)
        #expect(try ask("GET /metrics HTTP/1.0\n\n", of: server.port).contains("\nstreamctl_replay_ratio 0.25\n"))
        statistics.replayed = nil
        server.publish(statistics)
        #expect(try status("/readyz", of: server.port) == 200)
    }

    @Test("a run is healthy while its loop turns") func healthy() throws {
        let now = Mutex<Int64>(0)
        let server = try MetricsServer(address, version: "1") { now.withLock { $0 } }
        defer { server.end() }
        server.publish(RunStatistics())
        now.withLock { $0 = MetricsServer.patience - 1 }
        #expect(try status("/healthz", of: server.port) == 200)
        now.withLock { $0 += 1 }
        #expect(try status("/healthz", of: server.port) == 503)
        server.publish(RunStatistics())
        #expect(try status("/healthz", of: server.port) == 200)
    }

    @Test(
        "of more inputs than have samples of their own, the rest shares one",
        arguments: [MetricsText.Form.prometheus, .openMetrics])
    func manyInputs(_ form: MetricsText.Form) {
        var statistics = RunStatistics()
        statistics.partitions = (0..<25).map { number in
            RunStatistics.Partition(
                name: "a\"b\\\(number)", position: number, end: 2 * number, watermark: Int64(number) * 1_000_000)
        }
        let text = MetricsText.text(statistics, version: "1", form)
        let positions = text.split(separator: "\n").filter { $0.hasPrefix("streamctl_input_position{") }
        #expect(positions.count == 21 && positions[3] == #"streamctl_input_position{input="a\"b\\3"} 3"#)
        #expect(text.contains("streamctl_input_position{input=\"other\"} \(20 + 21 + 22 + 23 + 24)\n"))
        #expect(text.contains("streamctl_input_watermark_seconds{input=\"other\"} 20.0\n"))
        #expect(text.contains("streamctl_input_lag{input=\"other\"} \(20 + 21 + 22 + 23 + 24)\n"))
        #expect(text.hasSuffix("# EOF\n") == (form == .openMetrics))
    }

    @Test(
        "requests",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text;q=1\r\n\r\n", "GET", "/metrics", true),
            ("HEAD /a?b HTTP/1.0\n\n", "HEAD", "/a", false),
            ("GET / HTTP/1.1\r\naccept: */*\r\n\r\n", "GET", "/", false),
            ("GET / HTTP/2\r\n\r\n", nil, "", false), ("GET /\r\n\r\n", nil, "", false), ("\r\n\r\n", nil, "", false),
            ("GET /\u{1} HTTP/1.1\r\n\r\n", nil, "", false),
        ] as [(String, String?, String, Bool)])
    func requests(_ text: String, _ method: String?, _ path: String, _ acceptsOpenMetrics: Bool) {
        let request = HTTPRequest(head: Array(text.utf8))
        #expect(request?.method == method)
        guard let request else { return }
        #expect(request.path == path && request.acceptsOpenMetrics == acceptsOpenMetrics)
    }
}
