import Glibc

/// A TCP socket that accepts connections.
package struct ListeningSocket: ~Copyable {
    package let descriptor: Int32

    /// - Parameters:
    ///   - host: an address, or a name of this machine.
    ///   - port: 0 for any free one.
    package init(host: String, port: UInt16) throws(FileError) {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let first = found else {
            throw FileError(code: EADDRNOTAVAIL)
        }
        defer { freeaddrinfo(first) }
        let type = first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let number = socket(first.pointee.ai_family, type, 0)
        guard number >= 0 else { throw FileError() }
        // The port of a run that has just ended.
        var on: Int32 = 1
        setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard bind(number, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0, listen(number, 1024) == 0 else {
            let error = FileError()
            close(number)
            throw error
        }
        descriptor = number
    }

    deinit { close(descriptor) }

    /// The port, which the system has chosen if it was 0.
    package var port: UInt16 {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &size) }
        }
        guard code == 0 else { return 0 }
        // The port is at the same place in addresses of both families, in network order.
        return withUnsafeBytes(of: address) { UInt16($0[2]) << 8 | UInt16($0[3]) }
    }

    /// A connection that waits; it does not block.
    package func accept() -> FileDescriptor? {
        // The Glibc module lacks accept4.
        let number = Glibc.accept(descriptor, nil, nil)
        guard number >= 0 else { return nil }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        return .owning(number)
    }
}
