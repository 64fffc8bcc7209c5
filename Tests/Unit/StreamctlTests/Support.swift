import Foundation
import Glibc
import Testing

/// Places in the source tree, found from this file.
enum Tree {
    static let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { place, _ in place.deletingLastPathComponent() }
    static let cases = root.appendingPathComponent("Tests/Cases")

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}

/// The built program.
enum Binary {
    /// `$STREAMCTL`, or else the one next to this test.
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["STREAMCTL"] { return path }
        let me = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let folder = me.deletingLastPathComponent()
        let places = [
            folder, Tree.root.appendingPathComponent(".build/debug"),
            Tree.root.appendingPathComponent(".build/release"),
        ]
        let found = places.map { $0.appendingPathComponent("streamctl").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        return found ?? "streamctl-is-not-built"
    }()

    /// The mock Kafka cluster, built together with it.
    static let mockKafka = URL(fileURLWithPath: path).deletingLastPathComponent()
        .appendingPathComponent("streamctl-mock-kafka").path

    /// A folder with nothing but the program in it, for the front of PATH.
    static let folder: String = {
        let folder = scratchFolder()
        try? FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent("streamctl").path, withDestinationPath: path)
        return folder.path
    }()

    /// A poor and odd environment: neither locale nor zone of the machine may matter.
    static let environment = [
        "PATH": folder + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
        "LC_ALL": "C", "TERM": "xterm", "TZ": "America/St_Johns", "HOME": "/nonexistent",
    ]
}

/// A new folder of its own.
func scratchFolder() -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("streamctl-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}

/// Calls `body` with a folder that is gone afterwards.
func withScratchFolder<T>(_ body: (URL) throws -> T) rethrows -> T {
    let folder = scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

/// How a child ended.
struct Outcome {
    var out: [UInt8] = []
    var err: [UInt8] = []
    /// The exit status; -1 when a signal ended it.
    var status: Int32 = -1
    /// The signal that ended it; 0: none.
    var signal: Int32 = 0

    var text: String { String(decoding: out, as: UTF8.self) }
    var messages: String { String(decoding: err, as: UTF8.self) }
}

/// A child took too long and was ended.
struct Hang: Error, CustomStringConvertible {
    var command: String
    var outcome: Outcome
    var description: String {
        "still running: \(command)\nout: \(outcome.text.prefix(500))\nerr: \(outcome.messages.prefix(500))"
    }
}

/// A running program with its standard streams. All of its own process group ends with it.
final class Child {
    enum Stream {
        /// A pipe that this object reads or writes.
        case pipe
        case closed
        case file(String)
        /// The same as standard output (for standard error).
        case output
    }

    let pid: pid_t
    private let command: String
    private var input: Int32 = -1
    private var output: Int32 = -1
    private var errors: Int32 = -1
    private(set) var outcome = Outcome()
    private var hasEnded = false

    /// Descriptors must not leak into a child that another test starts at the same moment.
    private static let spawning = NSLock()
    private static let ignoresBrokenPipes: Void = { Glibc.signal(SIGPIPE, SIG_IGN) }()

    init(
        _ arguments: [String], executable: String = Binary.path, input: Stream = .pipe, output: Stream = .pipe,
        errors: Stream = .pipe, in folder: URL? = nil, blocks: Bool = true
    ) throws {
        _ = Self.ignoresBrokenPipes
        command = ([executable] + arguments).joined(separator: " ")
        Self.spawning.lock()
        defer { Self.spawning.unlock() }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGPIPE, SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGXFSZ] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var theirs: [Int32] = []
        defer { for end in theirs { close(end) } }
        func connect(_ stream: Stream, _ number: Int32, reads: Bool) throws -> Int32 {
            switch stream {
            case .closed: posix_spawn_file_actions_addclose(&actions, number)
            case .output: posix_spawn_file_actions_adddup2(&actions, 1, number)
            case .file(let path):
                let mode = reads ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
                posix_spawn_file_actions_addopen(&actions, number, path, mode, 0o644)
            case .pipe:
                var ends: [Int32] = [-1, -1]
                try #require(Glibc.pipe(&ends) == 0)
                for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
                let (own, their) = reads ? (ends[1], ends[0]) : (ends[0], ends[1])
                _ = fcntl(own, F_SETFL, O_NONBLOCK)
                if !blocks { _ = fcntl(their, F_SETFL, O_NONBLOCK) }
                theirs.append(their)
                posix_spawn_file_actions_adddup2(&actions, their, number)
                return own
            }
            return -1
        }
        self.input = try connect(input, 0, reads: true)
        self.output = try connect(output, 1, reads: false)
        self.errors = try connect(errors, 2, reads: false)

        let variables = Binary.environment.map { "\($0)=\($1)" }
        var child: pid_t = 0
        let words = (folder.map { ["/usr/bin/env", "-C", $0.path] } ?? []) + [executable] + arguments
        let code = withCStrings(words) { arguments in
            withCStrings(variables) { posix_spawn(&child, words[0], &actions, &attributes, arguments, $0) }
        }
        pid = child
        try #require(code == 0, "cannot start \(executable): \(String(cString: strerror(code)))")
    }

    deinit {
        // A child that could not be started has no number, and 0 would be our own group.
        if !hasEnded, pid > 0 {
            kill(-pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        for end in [input, output, errors] where end >= 0 { close(end) }
    }

    func signal(_ number: Int32) { kill(pid, number) }

    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// The reader of its output goes away.
    func closeOutput() {
        if output >= 0 { close(output) }
        output = -1
    }

    /// Writes everything, reading what comes out meanwhile.
    ///
    /// - Parameter readingOutput: false to leave its output in the pipe, and to give up when it takes no more input.
    /// - Returns: false when nobody reads it any more.
    @discardableResult
    func write(_ bytes: [UInt8], within seconds: Double = 60, readingOutput: Bool = true) throws -> Bool {
        var rest = bytes[...]
        let deadline = Date(timeIntervalSinceNow: seconds)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                return false
            } else if !readingOutput {
                var wanted = pollfd(fd: input, events: Int16(POLLOUT), revents: 0)
                if poll(&wanted, 1, 1000) <= 0 { return true }
            } else {
                try step(wantsInput: true, until: deadline)
            }
        }
        return true
    }

    @discardableResult
    func write(_ text: String) throws -> Bool { try write(Array(text.utf8)) }

    /// Waits until the child has taken everything out of the pipe.
    func waitUntilRead(within seconds: Double = 60) throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        var waiting: Int32 = 1
        while ioctl(input, 0x541B /* FIONREAD */, &waiting) == 0, waiting > 0 {
            // It may be waiting for somebody to read what it prints.
            try step(wantsInput: false, until: deadline, milliseconds: 0)
            usleep(200)
        }
    }

    /// Waits until the pipe that it prints to is full, as far as one can see.
    func waitUntilBlocked() {
        var (before, now): (Int32, Int32) = (-1, 0)
        while before != now || now == 0 {
            before = now
            usleep(200_000)
            _ = ioctl(output, 0x541B /* FIONREAD */, &now)
        }
    }

    /// Waits until the output so far satisfies a condition.
    func wait(within seconds: Double = 60, until isEnough: ([UInt8]) -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while !isEnough(outcome.out) {
            try #require(output >= 0, "the output ended: \(outcome.text) \(outcome.messages)")
            try step(wantsInput: false, until: deadline)
        }
    }

    /// Waits until it has printed that many lines, and returns all of them.
    func lines(_ count: Int, within seconds: Double = 60) throws -> [String] {
        try wait(within: seconds) { $0.count { $0 == UInt8(ascii: "\n") } >= count }
        return outcome.text.split(separator: "\n").map(String.init)
    }

    /// Closes its input and waits for its end.
    func end(within seconds: Double = 60) throws -> Outcome {
        closeInput()
        return try ended(within: seconds)
    }

    /// Waits for its end with its input left as it is.
    func ended(within seconds: Double = 60) throws -> Outcome {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while output >= 0 || errors >= 0 { try step(wantsInput: false, until: deadline) }
        return try reaped(until: deadline)
    }

    /// Waits for its end while nobody reads what it prints.
    func endedUnread(within seconds: Double = 60) throws -> Outcome {
        try reaped(until: Date(timeIntervalSinceNow: seconds))
    }

    /// What it had written before it ended.
    func rest(within seconds: Double = 60) throws -> Outcome {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while output >= 0 || errors >= 0 { try step(wantsInput: false, until: deadline) }
        return outcome
    }

    /// Reads a little of its output, as a slow reader does.
    func readSome(_ count: Int) throws {
        var buffer = [UInt8](repeating: 0, count: count)
        let count = read(output, &buffer, count)
        if count > 0 { outcome.out += buffer[0..<count] }
    }

    private func reaped(until deadline: Date) throws -> Outcome {
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            guard Date() < deadline else { throw Hang(command: command, outcome: outcome) }
            usleep(500)
        }
        hasEnded = true
        outcome.signal = status & 0x7f
        outcome.status = outcome.signal == 0 ? (status >> 8) & 0xff : -1
        return outcome
    }

    /// Reads what there is, or waits a little for more.
    private func step(wantsInput: Bool, until deadline: Date, milliseconds: Int32 = 100) throws {
        guard Date() < deadline else { throw Hang(command: command, outcome: outcome) }
        var polled = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wantsInput ? input : -1, events: Int16(POLLOUT), revents: 0),
        ]
        guard poll(&polled, 3, milliseconds) > 0 else { return }
        if polled[0].revents != 0 { output = drain(output, &outcome.out) }
        if polled[1].revents != 0 { errors = drain(errors, &outcome.err) }
    }

    /// - Returns: the descriptor, or -1 at its end.
    private func drain(_ descriptor: Int32, _ bytes: inout [UInt8]) -> Int32 {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 {
            bytes += buffer[0..<count]
            return descriptor
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return descriptor }
        close(descriptor)
        return -1
    }
}

/// Runs a shell command with the program in its PATH and nothing on standard input.
func shell(
    _ command: String, in folder: URL, mergesErrors: Bool = false, within seconds: Double = 60
) throws -> Outcome {
    let child = try Child(
        ["-c", command], executable: "/bin/sh", input: .file("/dev/null"), errors: mergesErrors ? .output : .pipe,
        in: folder)
    return try child.ended(within: seconds)
}

/// Expects the same bytes, and tells the first line that differs.
func expectSame(
    _ actual: [UInt8], _ expected: [UInt8], _ context: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual != expected else { return }
    let (left, right) = (lines(expected), lines(actual))
    let number = zip(left, right).prefix { $0 == $1 }.count
    func show(_ lines: [ArraySlice<UInt8>]) -> String {
        number < lines.count ? "'\(String(decoding: lines[number].prefix(400), as: UTF8.self))'" : "the end"
    }
    Issue.record(
        "\(context()) line \(number + 1): expected \(show(left)), got \(show(right))", sourceLocation: sourceLocation)
}

func expectSame(
    _ actual: String, _ expected: String, _ context: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectSame(Array(actual.utf8), Array(expected.utf8), context(), sourceLocation: sourceLocation)
}

private func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
}

/// Lends C strings, ended by a null pointer.
private func withCStrings<T>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
