import Foundation
import Testing

/// Our declarations of the libraries that are loaded, compared with their headers by a C compiler.
@Suite("our declarations of C libraries")
struct HeaderTests {
    @Test("libpq's are those of its header", .enabled(if: Interface.libpq.isInstalled, "libpq-dev is not installed"))
    func libpq() throws {
        #expect(try Interface.libpq.complaints() == "")
    }

    @Test(
        "librdkafka's are those of its headers",
        .enabled(if: Interface.librdkafka.isInstalled, "librdkafka-dev is not installed"))
    func librdkafka() throws {
        #expect(try Interface.librdkafka.complaints() == "")
    }

    @Test(
        "libcurl's are those of its header",
        .enabled(if: Interface.libcurl.isInstalled, "libcurl4-openssl-dev is not installed"))
    func libcurl() throws {
        #expect(try Interface.libcurl.complaints() == "")
    }

    @Test(
        "a wrong declaration of libcurl is found",
        .enabled(if: Interface.libcurl.isInstalled, "libcurl4-openssl-dev is not installed"),
        arguments: [
            ("CURLOPT_URL = 10002", "CURLOPT_URL = 10003"), ("    char *data;\n", ""),
            ("CURLINFO_RESPONSE_CODE = 2097154", "CURLINFO_RESPONSE_CODE = 2097155"),
            ("curl_global_init(long flags)", "curl_global_init(int flags)"),
        ])
    func libcurlMistake(right: String, wrong: String) throws {
        #expect(try Interface.libcurl.complaints(replacing: right, by: wrong) != "")
    }

    @Test(
        "those of libraries of compressed files are those of their headers",
        .enabled(if: Interface.compression.isInstalled, "a library of compressed files has no headers installed"))
    func compression() throws {
        #expect(try Interface.compression.complaints() == "")
    }

    @Test(
        "a wrong declaration of a library of compressed files is found",
        .enabled(if: Interface.compression.isInstalled, "a library of compressed files has no headers installed"),
        arguments: [
            ("unsigned long adler;", "unsigned adler;"), ("Z_BUF_ERROR (-5)", "Z_BUF_ERROR (-4)"),
            ("ZSTD_d_windowLogMax = 100", "ZSTD_d_windowLogMax = 101"), ("BZ_STREAM_END 4", "BZ_STREAM_END 1"),
            ("LZMA_MEMLIMIT_ERROR = 6", "LZMA_MEMLIMIT_ERROR = 5"), ("    uint64_t seek_pos;\n", ""),
            ("LZ4F_VERSION 100", "LZ4F_VERSION 101"), ("int verbosity, int small", "int small"),
        ])
    func compressionMistake(right: String, wrong: String) throws {
        #expect(try Interface.compression.complaints(replacing: right, by: wrong) != "")
    }

    @Test(
        "a wrong declaration of libpq is found",
        .enabled(if: Interface.libpq.isInstalled, "libpq-dev is not installed"),
        arguments: [
            ("PGRES_COPY_IN = 4", "PGRES_COPY_IN = 3"), ("PGRES_COPY_IN = 4", "PGRES_COPY_INTO = 4"),
            ("PGRES_COPY_IN = 4", "PGRES_COPY_IN"),
            ("PQERRORS_VERBOSE = 2,", "PQERRORS_VERBOSE = 2, CONNECTION_BAD = -1,"),
            ("unsigned int Oid", "unsigned long Oid"), ("struct pg_conn ", "struct pg_connection "),
            ("struct _PQconninfoOption", "struct PQconninfoOption"), ("int dispsize;", "long dispsize;"),
            ("char *val;", "char *value;"), ("char *val;", "char val;"), ("    char *label;\n", ""),
            ("char *envvar;\n    char *compiled;", "char *compiled;\n    char *envvar;"),
            ("const PGresult *notice", "PGresult *notice"), ("int PQsocket(const PGconn *)", "int PQsocket(PGconn *)"),
            ("int PQflush(", "long PQflush("), ("int PQflush(", "int PQflushed("),
            ("const char *bytes, int count", "const char *bytes, size_t count"),
        ])
    func libpqMistake(right: String, wrong: String) throws {
        #expect(try Interface.libpq.complaints(replacing: right, by: wrong) != "")
    }

    @Test(
        "a wrong declaration of librdkafka is found",
        .enabled(if: Interface.librdkafka.isInstalled, "librdkafka-dev is not installed"),
        arguments: [
            ("ERR__RETRY = -153", "ERR__RETRY = -152"), ("RD_KAFKA_CONSUMER = 1", "RD_KAFKA_CONSUMER = 0"),
            ("RD_KAFKA_MSG_F_COPY 0x2", "RD_KAFKA_MSG_F_COPY 0x1"), ("enum rd_kafka_type_t", "enum rd_kafka_type"),
            ("void *ptr;\n      size_t size;", "size_t size;\n      void *ptr;"),
            ("    char _pad[64];", "    char _pad[32];"),
            ("struct rd_kafka_op_s", "struct rd_kafka_event_s"), ("size_t key_len;", "int key_len;"),
            ("int size;", "unsigned size;"), ("    void *_private;\n} rd_kafka_message_t", "} rd_kafka_message_t"),
            ("int replica_cnt;\n    int32_t *replicas;", "int32_t *replicas;\n    int replica_cnt;"),
            ("int timeout, rd_kafka_message_t **", "long timeout, rd_kafka_message_t **"),
            ("int error, const char *reason", "const char *reason"), ("ssize_t rd_", "int rd_"),
            ("int16_t request, size_t *count", "int32_t request, size_t *count"), ("size_t count, ...", "size_t count"),
        ])
    func librdkafkaMistake(right: String, wrong: String) throws {
        #expect(try Interface.librdkafka.complaints(replacing: right, by: wrong) != "")
    }
}

/// Headers of ours, and those whose interface they declare.
private struct Interface {
    let ours: [String]
    let real: [String]

    static let libpq = Interface(
        ours: ["Sources/CPostgres/libpq.h"],
        real: isThere("postgresql/libpq-fe.h") ? ["postgresql/libpq-fe.h"] : ["libpq-fe.h"])
    static let librdkafka = Interface(
        ours: ["Sources/CRDKafka/librdkafka.h", "Sources/CRDKafka/librdkafka_mock.h"],
        real: ["librdkafka/rdkafka.h", "librdkafka/rdkafka_mock.h"])

    static let libcurl = Interface(ours: ["Sources/CCurl/libcurl.h"], real: ["curl/curl.h"])

    static let compression = Interface(
        ours: ["libz", "libzstd", "libbz2", "liblzma", "liblz4"].map { "Sources/CCompression/\($0).h" },
        real: ["zlib.h", "zstd.h", "bzlib.h", "lzma.h", "lz4frame.h"])

    var isInstalled: Bool { real.allSatisfy(Self.isThere) }

    private static func isThere(_ header: String) -> Bool {
        // Those of libcurl depend on the machine.
        ["", "x86_64-linux-gnu/", "aarch64-linux-gnu/"].contains {
            FileManager.default.fileExists(atPath: "/usr/include/\($0)\(header)")
        }
    }

    /// What the compiler reports for our declarations after the real ones; nothing where they are the same.
    ///
    /// - Parameter right: a text that our headers have once, to be replaced.
    func complaints(replacing right: String? = nil, by wrong: String = "") throws -> String {
        var text = try ours.map { try Tree.text($0) }.joined()
        if let right {
            try #require(text.components(separatedBy: right).count == 2, "once: \(right)")
            text = text.replacingOccurrences(of: right, with: wrong)
        }
        // As functions, rather than macros that check arguments.
        let includes =
            "#define CURL_DISABLE_TYPECHECK\n" + (["stddef.h"] + real).map { "#include <\($0)>\n" }.joined()
        text = includes + Self.functionsExist(text) + Self.comparing(text)
        return try withScratchFolder { folder in
            try text.write(to: folder.appendingPathComponent("both.c"), atomically: true, encoding: .utf8)
            let outcome = try shell(
                "$(command -v clang || command -v cc) -std=gnu11 -Werror -fsyntax-only both.c", in: folder,
                mergesErrors: true)
            return outcome.status == 0 ? outcome.text : "\(outcome.status): \(outcome.text)"
        }
    }

    /// C accepts a function, a macro or a name of an incomplete type once more if it is the same. It accepts no second
    /// structure or enumeration: these become assertions. One that is overlooked here is an error of the compiler.
    private static func comparing(_ header: String) -> String {
        header.replacing(/#include ".*"/, with: "")
            .replacing(/\nstruct (\w+) {([^}]*)};/) { match in
                "\n" + fields(String(match.2), "struct \(match.1)").joined(separator: "\n")
            }
            .replacing(/typedef (struct \w+) {\n((?:  .*\n)*  .*{\n(?:  .*\n)+)} (\w+);/) { match in
                nested(String(match.2), String(match.3)).joined(separator: "\n")
            }
            .replacing(/typedef ((?:struct|enum)(?: \w+)?) {([^}]*)} (\w+);/) { match in
                let (tag, body, name) = (String(match.1), String(match.2), String(match.3))
                let members = tag.hasPrefix("enum") ? constants(body, name) : fields(body, name)
                let sameTag = tag.contains(" ") ? [isTrue("__builtin_types_compatible_p(\(tag), \(name))")] : []
                return (members + sameTag).joined(separator: "\n")
            }
    }

    /// A function that only we declare would not conflict with anything.
    private static func functionsExist(_ header: String) -> String {
        header.matches(of: /(\w+)\(/).map { isTrue("sizeof(&\($0.1)) > 0") + "\n" }.joined()
    }

    private static func constants(_ body: String, _ type: String) -> [String] {
        let constants = parts(body, ",")
        let isSigned = constants.contains { $0.contains("-") }
        return constants.map { constant in
            guard let match = constant.wholeMatch(of: /(\w+) = (-?\d+)/) else { return "#error no value: \(constant)" }
            return isTrue("\(match.1) == \(match.2)")
        } + [isTrue("sizeof(\(type)) == 4"), isTrue("((\(type))-1 < 0) == \(isSigned ? 1 : 0)")]
    }

    private static func fields(_ body: String, _ type: String) -> [String] {
        let mirror = "struct mirror_of_\(type.split(separator: " ").last ?? "")"
        return ["\(mirror) {\(body)};", isTrue("sizeof(\(mirror)) == sizeof(\(type))")]
            + parts(body, ";").flatMap { field in
                guard let match = field.wholeMatch(of: /(.*\W)(\w+)/) else { return ["#error not a field: \(field)"] }
                return [
                    isTrue("__builtin_types_compatible_p(__typeof__(((\(type) *)0)->\(match.2)), \(match.1))"),
                    isTrue("offsetof(\(mirror), \(match.2)) == offsetof(\(type), \(match.2))"),
                ]
            }
    }

    /// For a structure that has others inside of it: the places and the sizes of its innermost fields.
    private static func nested(_ body: String, _ type: String) -> [String] {
        let mirror = "struct mirror_of_\(type)"
        var lines = body.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }[...]
        func paths() -> [String] {
            var found: [String] = []
            while let line = lines.popFirst(), !line.hasPrefix("}") {
                guard line.hasSuffix("{") else {
                    found +=
                        line.firstMatch(of: /(\w+)(?:\[\d+\])?;$/).map { [String($0.1)] } ?? ["no_field_in(\(line))"]
                    continue
                }
                let inner = paths()
                found += inner.dropLast().map { "\(inner.last ?? "").\($0)" }
                if lines.isEmpty { break }
            }
            return found
        }
        // The name of an inner structure follows its fields.
        lines = namedInner(lines)
        return ["\(mirror) {\(body)};", isTrue("sizeof(\(mirror)) == sizeof(\(type))")]
            + paths().flatMap { path in
                [
                    isTrue("offsetof(\(mirror), \(path)) == offsetof(\(type), \(path))"),
                    isTrue("sizeof(((\(mirror) *)0)->\(path)) == sizeof(((\(type) *)0)->\(path))"),
                ]
            }
    }

    /// Puts the name of each inner structure on a line of its own, before its end.
    private static func namedInner(_ lines: ArraySlice<String>) -> ArraySlice<String> {
        lines.flatMap { line in
            line.wholeMatch(of: /} (\w+);/).map { ["name \($0.1);", "}"] } ?? [line]
        }[...]
    }

    private static func parts(_ body: String, _ separator: Character) -> [String] {
        body.split(separator: separator).map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
    }

    private static func isTrue(_ condition: String) -> String { "_Static_assert(\(condition), \"\");" }
}
