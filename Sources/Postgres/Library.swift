import CPostgres
import StreamEngine
import System

/// libpq, loaded when a run first needs it.
enum Library {
    private static let loaded = LoadedLibrary<CPostgresCalls>(
        "PostgreSQL requires the library libpq.so.5 (Debian package libpq5)"
    ) { CPostgresLoad($0) }

    /// - Throws: `unavailable` if it is not installed.
    static func use() throws(RunError) -> CPostgresCalls {
        do throws(LibraryError) { return try loaded.calls.get() } catch { throw .unavailable(error.reason) }
    }
}

/// The version of the libpq that is installed, such as 15.14.
///
/// - Throws: `unavailable` if there is none.
package func libraryVersion() throws(RunError) -> String {
    let number = try Library.use().PQlibVersion()
    return "\(number / 10_000).\(number % 10_000)"
}
