import Synchronization

/// The event time that each partition has reached: written by the engine, read by a source of several partitions, which
/// reads the one furthest behind first.
package final class WatermarkAlignment: Sendable {
    private let latest = Mutex<[Int64]>([])

    package init() {}

    /// The latest event time of a partition, microseconds since 1970.
    package func note(_ time: Int64, of partition: Int) {
        latest.withLock { latest in
            while latest.count <= partition { latest.append(Int64.min) }
            latest[partition] = time
        }
    }

    /// The latest event times of the first `count` partitions; `Int64.min` if unknown.
    package func all(_ count: Int) -> [Int64] {
        latest.withLock { latest in
            latest.count >= count ? latest : latest + Array(repeating: Int64.min, count: count - latest.count)
        }
    }
}
