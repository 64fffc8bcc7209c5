import Glibc
import Synchronization

@testable import Postgres

/// A man in the middle: passes bytes between clients and the server, and at a chosen message of a client does harm.
final class CommitCutter: @unchecked Sendable {
    enum Harm: Sendable {
        /// The message never arrives.
        case before
        /// The message arrives, its answer does not.
        case after
        /// The message never arrives, and the server does not learn that its client is gone.
        case silence
    }

    /// The folder of the socket that clients connect to, as host; the port is 1.
    let folder: String
    private let listener: Int32
    private let server: (host: String, port: String)
    private let plan = Mutex<(message: String, harm: Harm, left: Int)>(("", .before, 0))
    private let strokes = Mutex<Int>(0)

    /// How often harm was done.
    var count: Int { strokes.withLock { $0 } }

    init?(server: (host: String, port: String)) {
        var template = Array("/tmp/cutter.\(String(repeating: "X", count: 6))".utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.server = server
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard withAddress("\(folder)/.s.PGSQL.1", { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0 else {
            return nil
        }
        thread { while let client = self.accept() { self.serve(client) } }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        unlink("\(folder)/.s.PGSQL.1")
        rmdir(folder)
    }

    /// From now on the next `times` messages that hold `text` are harmed.
    func strike(_ text: String, _ harm: Harm, times: Int = 1) { plan.withLock { $0 = (text, harm, times) } }

    private func accept() -> Int32? {
        let client = Glibc.accept(listener, nil, nil)
        return client >= 0 ? client : nil
    }

    private func serve(_ client: Int32) {
        let server = connectToServer()
        guard server >= 0 else {
            close(client)
            return
        }
        let isDeaf = Flag()
        thread {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            while case let count = read(server, &bytes, bytes.count), count > 0 {
                if isDeaf.value { continue }
                guard writeAll(client, bytes[..<count]) else { break }
            }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
            isDeaf.value = true
        }
        thread {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            while case let count = read(client, &bytes, bytes.count), count > 0 {
                switch self.judge(bytes[..<count]) {
                case .before?:
                    shutdown(server, Int32(SHUT_RDWR))
                    shutdown(client, Int32(SHUT_RDWR))
                case .silence?:
                    isDeaf.value = true
                    shutdown(client, Int32(SHUT_RDWR))
                    return
                case .after?:
                    isDeaf.value = true
                    _ = writeAll(server, bytes[..<count])
                    // Time to do it; then nobody ever hears of it.
                    usleep(100_000)
                    shutdown(client, Int32(SHUT_RDWR))
                    shutdown(server, Int32(SHUT_RDWR))
                case nil:
                    guard writeAll(server, bytes[..<count]) else { break }
                }
            }
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    private func judge(_ bytes: ArraySlice<UInt8>) -> Harm? {
        let harm: Harm? = plan.withLock { plan in
            guard plan.left > 0, String(decoding: bytes, as: UTF8.self).contains(plan.message) else { return nil }
            plan.left -= 1
            return plan.harm
        }
        if harm != nil { strokes.withLock { $0 += 1 } }
        return harm
    }

    private func connectToServer() -> Int32 {
        if server.host.hasPrefix("/") {
            let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            let path = "\(server.host)/.s.PGSQL.\(server.port)"
            return withAddress(path) { connect(number, $0, $1) } == 0 ? number : -1
        }
        var list: UnsafeMutablePointer<addrinfo>?
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        guard getaddrinfo(server.host, server.port, &hints, &list) == 0, let first = list?.pointee else { return -1 }
        defer { freeaddrinfo(list) }
        let number = socket(first.ai_family, first.ai_socktype, 0)
        return connect(number, first.ai_addr, first.ai_addrlen) == 0 ? number : -1
    }
}

private final class Flag: Sendable {
    private let flag = Atomic<Bool>(false)
    var value: Bool {
        get { flag.load(ordering: .acquiring) }
        set { flag.store(newValue, ordering: .releasing) }
    }
}

private func writeAll(_ number: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
    }
    return true
}

private func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
}

/// Runs on a thread of its own, for as long as it takes.
func thread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var number = pthread_t()
    let context = Unmanaged.passRetained(Box(body)).toOpaque()
    pthread_create(
        &number, nil,
        {
            guard let context = $0 else { return nil }
            Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }, context)
    pthread_detach(number)
}
