import CRDKafka

/// The calls of librdkafka. Loading it takes milliseconds, so it is done when a run first needs it.
package struct Library: @unchecked Sendable {
    /// The calls, or why there are none.
    private static let loaded: Result<Library, KafkaError> = load()

    let calls: CRDKafkaCalls

    package static func use() throws(KafkaError) -> CRDKafkaCalls { try loaded.get().calls }

    private static func load() -> Result<Library, KafkaError> {
        withUnsafeTemporaryAllocation(of: CRDKafkaCalls.self, capacity: 1) { room in
            guard let place = room.baseAddress else { return .failure(.unavailable("librdkafka: no memory")) }
            if let missing = CRDKafkaLoad(place) {
                return .failure(
                    .unavailable(
                        "Kafka's client library (librdkafka.so.1, Debian package librdkafka1) is needed: "
                            + String(cString: missing)))
            }
            return .success(Library(calls: place.pointee))
        }
    }
}
