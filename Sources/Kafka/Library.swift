import CRDKafka
import StreamEngine
import System

/// librdkafka, loaded when a run first needs it.
package enum Library {
    private static let loaded = LoadedLibrary<CRDKafkaCalls>(
        "Kafka requires the library librdkafka.so.1 (Debian package librdkafka1)"
    ) { CRDKafkaLoad($0) }

    /// - Throws: `unavailable` if it is not installed.
    package static func use() throws(RunError) -> CRDKafkaCalls {
        do throws(LibraryError) { return try loaded.calls.get() } catch { throw .unavailable(error.reason) }
    }
}

/// The version of the librdkafka that is installed, such as 2.0.2.
///
/// - Throws: `unavailable` if there is none.
package func libraryVersion() throws(RunError) -> String {
    try Library.use().rd_kafka_version_str().map { String(cString: $0) } ?? "of unknown version"
}
