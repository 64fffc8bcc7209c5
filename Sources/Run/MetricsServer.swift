import Glibc
import Plan
import StreamEngine
import System

/// Answers requests for metrics and health in a thread of its own. Nothing that a client does can hold up the run.
///
/// Unchecked: the statistics are used under `state` only, the connections by the thread.
final class MetricsServer: @unchecked Sendable {
    /// The run is not healthy after so long without a turn of its loop, microseconds.
    static let patience: Int64 = 10_000_000

    private let clock: @Sendable () -> Int64
    private let version: String
    private let state = Monitor()
    private var statistics = RunStatistics()
    private var lastTurn: Int64
    private let socket: ListeningSocket
    private let wake = WakePipe()
    private var isEnding = false
    private var connections: [HTTPConnection] = []
    private var thread: BackgroundThread?

    /// - Parameter clock: microseconds since some moment.
    /// - Throws: `cannotCreate` if nothing can listen there.
    init(
        _ address: MetricsAddress, version: String, clock: @escaping @Sendable () -> Int64 = steadyClock
    ) throws(RunError) {
        self.version = version
        self.clock = clock
        lastTurn = clock()
        do throws(FileError) {
            socket = try ListeningSocket(host: address.host, port: address.port)
        } catch {
            throw .cannotCreate(output: "--metrics \(address.text)", reason: error.reason)
        }
        thread = BackgroundThread.start { [self] in serve() }
    }

    /// Where clients reach it.
    var port: UInt16 { socket.port }

    /// Called by the loop of the run.
    func publish(_ statistics: RunStatistics) {
        state.lock()
        self.statistics = statistics
        lastTurn = clock()
        state.unlock()
    }

    /// Closes all connections.
    func end() {
        state.lock()
        isEnding = true
        state.unlock()
        wake.notify()
        thread?.join()
        thread = nil
    }

    // MARK: - The thread

    private func serve() {
        while true {
            state.lock()
            let isEnding = isEnding
            state.unlock()
            if isEnding {
                connections.removeAll()
                return
            }
            var polled = [pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0)]
            // More connections wait in the queue of the socket.
            let accepts = connections.count < HTTPConnection.most
            polled.append(pollfd(fd: accepts ? socket.descriptor : -1, events: Int16(POLLIN), revents: 0))
            for connection in connections {
                polled.append(pollfd(fd: connection.descriptor, events: connection.events, revents: 0))
            }
            let now = steadyClock()
            let next = connections.map(\.deadline).min().map { max(0, $0 &- now) / 1000 + 1 } ?? -1
            guard poll(&polled, nfds_t(polled.count), Int32(clamping: next)) >= 0 || errno == EINTR else { return }
            wake.drain()
            let later = steadyClock()
            var kept: [HTTPConnection] = []
            for (connection, event) in zip(connections, polled.dropFirst(2)) {
                if event.revents != 0 { connection.step { [self] in answer($0) } }
                if !connection.isDone, connection.deadline > later { kept.append(connection) }
            }
            connections = kept
            while connections.count < HTTPConnection.most, let accepted = socket.accept() {
                connections.append(HTTPConnection(accepted, now: later))
            }
        }
    }

    private func answer(_ request: HTTPRequest) -> HTTPAnswer {
        state.lock()
        let (statistics, lastTurn) = (statistics, lastTurn)
        state.unlock()
        guard request.method == "GET" || request.method == "HEAD" else {
            return HTTPAnswer(status: "405 Method Not Allowed", body: "only GET and HEAD\n")
        }
        switch request.path {
        case "/metrics":
            let form: MetricsText.Form = request.acceptsOpenMetrics ? .openMetrics : .prometheus
            return HTTPAnswer(
                status: "200 OK", type: form.contentType, body: MetricsText.text(statistics, version: version, form))
        case "/healthz":
            return health(clock() &- lastTurn < Self.patience, statistics)
        case "/readyz": return health(statistics.time > 0 && statistics.replayed == nil, statistics)
        case "/":
            return HTTPAnswer(status: "200 OK", body: "/metrics\n/healthz\n/readyz\n")
        default: return HTTPAnswer(status: "404 Not Found", body: "there are /metrics, /healthz and /readyz\n")
        }
    }

    private func health(_ isWell: Bool, _ statistics: RunStatistics) -> HTTPAnswer {
        HTTPAnswer(
            status: isWell ? "200 OK" : "503 Service Unavailable", type: "application/json",
            body: statistics.json(status: nil) + "\n")
    }
}
