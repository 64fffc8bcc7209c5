import Glibc
import StreamEngine
import System

/// What a client asks for.
struct HTTPRequest: Equatable {
    var method: String
    /// Without the query.
    var path: String
    var acceptsOpenMetrics = false

    /// - Parameter head: the request line and the header, up to the blank line.
    /// - Returns: nil if it is not an HTTP request.
    init?(head: [UInt8]) {
        guard head.allSatisfy({ $0 >= 0x20 || $0 == 0x0d || $0 == 0x0a || $0 == 0x09 }) else { return nil }
        let lines = String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline)
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        method = String(words[0])
        path = String(words[1].prefix { $0 != "?" })
        for line in lines.dropFirst() where line.lowercased().hasPrefix("accept:") {
            acceptsOpenMetrics = acceptsOpenMetrics || line.lowercased().contains("application/openmetrics-text")
        }
    }
}

struct HTTPAnswer {
    var status: String
    var type = "text/plain; charset=utf-8"
    var body: String

    /// - Parameter hasBody: false for HEAD.
    func bytes(hasBody: Bool) -> [UInt8] {
        let head =
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        return Array(head.utf8) + (hasBody ? Array(body.utf8) : [])
    }
}

/// One connection: a request, an answer, the end (RFC 9112 with `Connection: close`).
final class HTTPConnection {
    /// Connections at once.
    static let most = 256
    private static let mostBytes = 8192
    /// How long a request or an answer may take, microseconds.
    private static let patience: Int64 = 1_000_000

    private enum Step { case request, answer, end }

    private var file: FileDescriptor
    private var step = Step.request
    private var request: [UInt8] = []
    private var answer: ArraySlice<UInt8> = []
    private(set) var deadline: Int64
    private(set) var isDone = false

    init(_ file: consuming FileDescriptor, now: Int64) {
        self.file = file
        deadline = now &+ Self.patience
    }

    var descriptor: Int32 { file.number }
    var events: Int16 { Int16(step == .answer ? POLLOUT : POLLIN) }

    /// Goes on as far as it can without waiting.
    func step(_ respond: (HTTPRequest) -> HTTPAnswer) {
        switch step {
        case .request: read(respond)
        case .answer: write()
        case .end: discard()
        }
    }

    private func read(_ respond: (HTTPRequest) -> HTTPAnswer) {
        guard let bytes = receive() else { return }
        request += bytes
        guard let end = Self.endOfHead(request) else {
            if request.count > Self.mostBytes {
                send(HTTPAnswer(status: "431 Request Header Fields Too Large", body: "the request is too long\n"))
            }
            return
        }
        guard let asked = HTTPRequest(head: Array(request[..<end])) else {
            return send(HTTPAnswer(status: "400 Bad Request", body: "not an HTTP request\n"))
        }
        send(respond(asked), hasBody: asked.method != "HEAD")
    }

    /// The index behind the blank line; nil if it has not come.
    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        var lineLength = 0
        for (index, byte) in bytes.enumerated() where byte != UInt8(ascii: "\r") {
            if byte != UInt8(ascii: "\n") {
                lineLength += 1
            } else if lineLength == 0, index > 1 {
                return index + 1
            } else {
                lineLength = 0
            }
        }
        return nil
    }

    private func send(_ answer: HTTPAnswer, hasBody: Bool = true) {
        self.answer = answer.bytes(hasBody: hasBody)[...]
        step = .answer
        deadline = steadyClock() &+ Self.patience
        write()
    }

    private func write() {
        while !answer.isEmpty {
            let count = answer.withUnsafeBytes {
                Glibc.send(file.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                isDone = count == 0 || errno != EAGAIN && errno != EINTR
                return
            }
            answer = answer.dropFirst(count)
        }
        // What the client still sends must be read: closing earlier could take the answer back.
        shutdown(file.number, Int32(SHUT_WR))
        step = .end
    }

    private func discard() { while let bytes = receive(), !bytes.isEmpty {} }

    /// What has come; nil if nothing has, or if the client has ended the connection.
    private func receive() -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: 4096)
        let count = recv(file.number, &room, room.count, 0)
        if count > 0 { return Array(room[..<count]) }
        isDone = count == 0 || errno != EAGAIN && errno != EINTR
        return nil
    }
}
