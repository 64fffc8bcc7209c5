import CPostgres

/// The calls of libpq. Loading it takes milliseconds, so it is done when a run first needs it.
struct Library: @unchecked Sendable {
    /// The calls, or why there are none.
    private static let loaded: Result<Library, PostgresError> = load()

    let calls: CPostgresCalls

    static func use() throws(PostgresError) -> CPostgresCalls { try loaded.get().calls }

    private static func load() -> Result<Library, PostgresError> {
        withUnsafeTemporaryAllocation(of: CPostgresCalls.self, capacity: 1) { room in
            guard let place = room.baseAddress else { return .failure(.unavailable("libpq: no memory")) }
            if let missing = CPostgresLoad(place) {
                return .failure(
                    .unavailable(
                        "PostgreSQL's client library (libpq.so.5, Debian package libpq5) is needed: "
                            + String(cString: missing)))
            }
            return .success(Library(calls: place.pointee))
        }
    }
}
