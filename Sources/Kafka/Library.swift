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
