import CRevision
import Kafka
import Postgres
import StreamEngine

/// The text of `--version`.
enum Version {
    static let number = "0.1.0"

    /// The first line has the form of other tools: `streamctl 0.1.0 (rev 94a4ca8f12)`, without the parenthesis if the
    /// build does not know its commit. Loads the libraries to ask them.
    static var text: String {
        let revision = String(cString: streamctl_revision())
        return """
            streamctl \(number)\(revision.isEmpty ? "" : " (rev \(revision))")
            Swift \(swift), Linux \(architecture)
            \(line("libpq", package: "libpq5", Postgres.libraryVersion))
            \(line("librdkafka", package: "librdkafka1", Kafka.libraryVersion))

            """
    }

    /// Major and minor version of the standard library.
    private static var swift: String {
        "\(_SwiftStdlibVersion.current)".split(separator: ".").prefix(2).joined(separator: ".")
    }

    private static var architecture: String {
        #if arch(x86_64)
        "x86_64"
        #elseif arch(arm64)
        "aarch64"
        #else
        "other architecture"
        #endif
    }

    private static func line(
        _ library: String, package: String, _ version: () throws(RunError) -> String
    ) -> String {
        do throws(RunError) {
            return "\(library) \(try version())"
        } catch {
            // An old library lacks a function; the text names it.
            return error.text.contains("cannot open shared object")
                ? "\(library) not found (Debian package \(package))" : "\(library) not usable: \(error.text)"
        }
    }
}
