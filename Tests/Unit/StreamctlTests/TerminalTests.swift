import Foundation
import Glibc
import Testing

/// Data that would act on a terminal: what reaches one, and what reaches a pipe.
struct TerminalTests {
    /// Escape sequence, C1, bidirectional controls and marks, zero-width characters, byte order mark, a tag.
    private static let hostile =
        "a\u{1b}[31mb\u{9b}2Jc\u{202e}d\u{2066}e\u{61c}f\u{200b}g\u{200f}h\u{feff}i\u{e0041}j\u{7f}k"
    /// The same as a record: JSON allows all but C0 controls unescaped.
    private static let record =
        #"{"k":"\#(hostile.replacingOccurrences(of: "\u{1b}", with: #"\u001b"#))","t":"2026-01-01T00:00:00Z"}"#

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0a, 0x09: true
        case 0..<0x20, 0x7f...0x9f, 0x200b...0x200f, 0x202a...0x202e, 0x2060...0x206f, 0x61c, 0xfeff, 0xe0000...0xe007f:
            false
        default: true
        }
    }

    private static func harmful(_ text: String) -> [Unicode.Scalar] { text.unicodeScalars.filter { !isHarmless($0) } }

    /// What a command prints to a terminal, on both of its streams.
    ///
    /// - Parameter isEnough: when to end a command that does not end itself.
    private func shown(_ arguments: [String], until isEnough: ((String) -> Bool)? = nil) throws -> String {
        let terminal = try Terminal()
        return try withScratchFolder { folder in
            try Data((Self.record + "\n").utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            let child = try Child(
                arguments, input: .file("/dev/null"), output: .file(terminal.path), errors: .file(terminal.path),
                in: folder)
            if let isEnough {
                let deadline = Date(timeIntervalSinceNow: 60)
                while !isEnough(terminal.text), Date() < deadline {
                    usleep(1000)
                    terminal.read()
                }
                child.signal(SIGKILL)
            }
            _ = try child.ended()
            terminal.read()
            return terminal.text
        }
    }

    private static let rows = [["in.jsonl"], ["in.jsonl", "--select", "k"], ["in.jsonl", "-g", "k", "--count"]]

    @Test("JSON on a terminal has escapes, and the same values", arguments: rows)
    func json(_ arguments: [String]) throws {
        let text = try shown(arguments + ["-f", "json"])
        #expect(Self.harmful(text) == [])
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect((value?["k"] as? String).map { Array($0.utf8) } == Array(Self.hostile.utf8))
    }

    @Test("other formats have them in a visible form", arguments: ["csv", "tsv", "table"], rows.dropFirst())
    func visible(_ format: String, _ arguments: [String]) throws {
        let text = try shown(arguments + ["-f", format])
        #expect(Self.harmful(text) == [])
        // TSV writes a backslash of the data as two; these are not of the data.
        #expect(text.contains(#"a\x1b[31mb\x9b2Jc\u202ed\u2066e\u061cf\u200bg\u200fh\ufeffi\ue0041j\x7fk"#))
    }

    @Test("a pipe gets the bytes", arguments: ["json", "csv", "tsv"])
    func pipe(_ format: String) throws {
        try withScratchFolder { folder in
            try Data((Self.record + "\n").utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            let outcome = try shell("streamctl in.jsonl --select k -f \(format)", in: folder)
            #expect(outcome.text.contains("c\u{202e}d\u{2066}e\u{61c}f\u{200b}g\u{200f}h\u{feff}i\u{e0041}j"))
            #expect(format == "json" || outcome.text.contains("a\u{1b}[31mb\u{9b}2Jc"))
        }
    }

    @Test(
        "messages never hold them, wherever they go",
        arguments: [
            ["--bogus\(hostile)"], ["no\(hostile).jsonl"], ["in.jsonl", "-t", "x\(hostile)"],
            ["in.jsonl", "--where", "k == '\(hostile)' ("], ["in.jsonl", "-t", "k", "-w", "1m"],
            ["in.jsonl", "-g", "\"\(hostile)\"", "--count"], ["--help", hostile], ["in.jsonl", "--explain", "-g", "k"],
            ["in.jsonl", "--fields"],
        ])
    func messages(_ arguments: [String]) throws {
        let text = try shown(arguments)
        #expect(!text.isEmpty)
        #expect(Self.harmful(text) == [])
    }

    @Test(
        "the debug lines of librdkafka neither",
        .enabled(
            if: ["x86_64", "aarch64"].contains {
                FileManager.default.fileExists(atPath: "/usr/lib/\($0)-linux-gnu/librdkafka.so.1")
            }, "librdkafka is not installed"))
    func debug() throws {
        let text = try shown(
            ["kafka://127.0.0.1:1/x?until=end", "-X", "debug=conf", "-X", "client.id=\(Self.hostile)"],
            until: { $0.contains("client.id") && $0.contains("31mb") })
        #expect(text.contains(#"a\x1b[31mb\x9b2Jc\u202ed"#))
        #expect(Self.harmful(text) == [])
    }
}

/// A pseudo-terminal that passes bytes unchanged.
final class Terminal {
    let path: String
    private let master: Int32
    /// Stays open, so that what was written is kept when the program ends.
    private let end: Int32
    private var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    init() throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
        // TIOCGPTN and TIOCSPTLCK: the Glibc module has neither these nor posix_openpt.
        var (number, lock): (Int32, Int32) = (0, 0)
        try #require(ioctl(master, 0x8004_5430, &number) == 0 && ioctl(master, 0x4004_5431, &lock) == 0)
        path = "/dev/pts/\(number)"
        end = open(path, O_RDWR | O_NOCTTY)
        try #require(end >= 0)
        var settings = termios()
        try #require(tcgetattr(end, &settings) == 0)
        cfmakeraw(&settings)
        try #require(tcsetattr(end, TCSANOW, &settings) == 0)
    }

    deinit {
        close(end)
        close(master)
    }

    func read() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(master, &buffer, buffer.count), count > 0 { bytes += buffer[0..<count] }
    }
}
