import CRDKafka
import Glibc
import StreamEngine
import System

/// The options of `-X`.
package enum KafkaOptions {
    /// The properties of librdkafka, for `-X list`.
    ///
    /// - Throws: `unavailable` without librdkafka.
    package static func list() throws(RunError) -> String {
        let calls = try Library.use()
        var text: UnsafeMutablePointer<CChar>?
        var length = 0
        guard let stream = open_memstream(&text, &length) else { throw .unavailable("librdkafka: no memory") }
        calls.rd_kafka_conf_properties_show(stream)
        fclose(stream)
        defer { free(text) }
        return (text.map { String(cString: $0) } ?? "") + "\nOf streamctl, for topics of a schema registry:\n"
            + RegistryOptions.list
    }

    private static let secrets = [
        "password", "secret", "key.pem", "oauthbearer.config", "basic.auth.user.info", "bearer.auth.token",
    ]

    static func isSecret(_ key: String) -> Bool {
        secrets.contains { key.hasSuffix($0) }
    }

    /// Keys and values in order, including those in files.
    ///
    /// - Throws: `usage` for text that is not an option, a secret that other users could see, or a file that cannot be
    ///   read.
    static func expand(_ options: [String]) throws(RunError) -> [(String, String)] {
        var all: [(String, String)] = []
        for option in options {
            if option.hasPrefix("@") {
                all += try read(String(option.dropFirst()))
                continue
            }
            guard let (key, value) = split(option) else {
                throw .usage("-X requires KEY=VALUE, @FILE or list")
            }
            guard !isSecret(key) else {
                throw .usage(
                    "-X \(key): others can see it there; put the line \(key)=... into a file that only you can read, "
                        + "and use -X @FILE")
            }
            guard key != "\(RegistryOptions.prefix)url" || !RegistryOptions.holdsPassword(value) else {
                throw .usage(
                    "-X \(key): others can see the password there; put the line "
                        + "\(RegistryOptions.prefix)basic.auth.user.info=USER:PASSWORD into a file that only you can read, "
                        + "and use -X @FILE")
            }
            all.append((key, value))
        }
        return all
    }

    private static func split(_ text: some StringProtocol) -> (String, String)? {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        return (trim(parts[0]), trim(parts[1]))
    }

    static func trim(_ text: some StringProtocol) -> String {
        var bytes = Array(text.utf8)[...]
        func isBlank(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == 13 }
        while isBlank(bytes.first) { bytes = bytes.dropFirst() }
        while isBlank(bytes.last) { bytes = bytes.dropLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads lines `KEY=VALUE`; ignores blank lines and those that start with #.
    private static func read(_ path: String) throws(RunError) -> [(String, String)] {
        guard let text = fileText(path, most: 1 << 20) else { throw .usage("-X @\(path): the file cannot be read") }
        var all: [(String, String)] = []
        // Split bytes: in a string, CR LF is a single character.
        let lines = Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            let line = trim(String(decoding: line, as: UTF8.self))
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let setting = split(line) else {
                throw .usage("-X @\(path): line \(number + 1) is not KEY=VALUE")
            }
            all.append(setting)
        }
        return all
    }
}
