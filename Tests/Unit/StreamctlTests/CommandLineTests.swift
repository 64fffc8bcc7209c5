import Foundation
import Glibc
import Testing

/// The command line is obeyed wherever the program runs.
struct CommandLineTests {
    private static let compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Whether this user may mount something over `/proc` in a namespace of its own.
    private static let mayHideProc: Bool = {
        let outcome = try? withScratchFolder { try shell("unshare -rm mount -t tmpfs none /proc", in: $0) }
        return outcome?.status == 0
    }()

    @Test("without /proc, flags and files mean the same", .enabled(if: mayHideProc, "needs user namespaces"))
    func withoutProc() throws {
        try withScratchFolder { folder in
            let outcome = try shell(
                """
                cat >run <<'END'
                mount -t tmpfs none /proc
                streamctl --version | head -n 1
                echo '{"a":1,"t":"2026-01-01T00:00:00Z"}' | streamctl --sum a -o out; cat out
                streamctl out -g sum_a --count -f csv -j 2
                echo '{"t":"2026-01-01T00:00:00Z"}' >in
                streamctl in -t t -w 1h --time-zone local --count -o rows --job j --state-dir s 2>/dev/null; cat rows
                streamctl --list-jobs --state-dir s -f csv | cut -d, -f1-3
                END
                unshare -rm sh run
                """, in: folder)
            let lines = outcome.text.split(separator: "\n").map(String.init)
            #expect(lines.first?.hasPrefix("streamctl ") == true)
            #expect(Array(lines.dropFirst().prefix(3)) == [#"{"sum_a":1}"#, "sum_a,count", "1,1"])
            #expect(lines.dropFirst(4).first?.hasSuffix(#""count":1}"#) == true)
            #expect(Array(lines.suffix(2)) == ["job,output,status", "j,rows,finished"])
            #expect(outcome.messages == "" && outcome.status == 0)
        }
    }

    @Test(
        "a preloaded library that changes the environment before main does not hide the command line",
        .enabled(if: compiler != nil, "needs a C compiler"))
    func preloadedLibrary() throws {
        try withScratchFolder { folder in
            let source = """
                #include <stdlib.h>
                __attribute__((constructor)) static void begin(void) {
                    for (int i = 0; i < 3; i++) setenv((char[]){'A' + i, 'X', 0}, "some value", 1);
                }
                """
            try source.write(to: folder.appendingPathComponent("early.c"), atomically: true, encoding: .utf8)
            let outcome = try shell(
                """
                \(Self.compiler ?? "cc") -shared -fPIC -o early.so early.c || exit 99
                echo '{"a":1}' | LD_PRELOAD=./early.so streamctl --sum a -o out && cat out
                """, in: folder)
            #expect(outcome.text == "{\"sum_a\":1}\n")
            #expect(outcome.messages == "" && outcome.status == 0)
        }
    }

    @Test(
        "without any argument vector, the run ends with 70 or behaves as without flags",
        .enabled(if: compiler != nil, "needs a C compiler"))
    func noArguments() throws {
        try withScratchFolder { folder in
            let source = """
                #include <unistd.h>
                extern char **environ;
                int main(int count, char **words) {
                    char *none[] = {0};
                    return execve(words[1], none, environ);
                }
                """
            try source.write(to: folder.appendingPathComponent("start.c"), atomically: true, encoding: .utf8)
            let outcome = try shell(
                """
                \(Self.compiler ?? "cc") -o start start.c || exit 99
                echo '{"a":1}' | ./start "$(command -v streamctl)"
                """, in: folder)
            // Newer kernels pass an empty name.
            if outcome.status == 70 {
                #expect(outcome.text == "" && outcome.messages.contains("no command line"))
            } else {
                #expect(outcome.text == "{\"a\":1}\n" && outcome.status == 0)
            }
        }
    }
}
