import Glibc

/// Tells the service manager that started this process what it is doing: `sd_notify(3)` of systemd.
package struct ServiceManager: ~Copyable {
    private let socket: FileDescriptor
    private let path: [UInt8]
    /// Within how many microseconds it expects signs of life; nil if it does not.
    package let watchdog: Int64?

    /// - Returns: nil if no service manager wants to know.
    package init?() {
        guard let name = getenv("NOTIFY_SOCKET"), name.pointee != 0 else { return nil }
        var path = Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
        // An abstract name begins with a zero byte, which is written as @.
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0, path.count < Self.pathSize else { return nil }
        socket = .owning(number)
        self.path = path
        let isOurs = getenv("WATCHDOG_PID").map { strtol($0, nil, 10) == Int(getpid()) } ?? true
        let interval = getenv("WATCHDOG_USEC").map { strtol($0, nil, 10) } ?? 0
        watchdog = isOurs && interval > 0 ? Int64(interval) : nil
    }

    private static let pathSize = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

    /// Sends assignments, one on each line. That it cannot be sent changes nothing for the process.
    package func send(_ text: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let size = MemoryLayout<sockaddr_un>.size - Self.pathSize + path.count
        let bytes = Array(text.utf8)
        withUnsafeBytes(of: &address) { place in
            place.withMemoryRebound(to: sockaddr.self) { place in
                _ = sendto(
                    socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT),
                    place.baseAddress, socklen_t(size))
            }
        }
    }
}
