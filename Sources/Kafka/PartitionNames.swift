import Synchronization

/// The partitions of a run, by number, for messages and statistics. More may be added.
package final class PartitionNames: Sendable {
    private let partitions = Mutex<[TopicPartition]>([])

    init() {}

    func add(_ partition: TopicPartition) { partitions.withLock { $0.append(partition) } }

    subscript(index: Int) -> TopicPartition? {
        partitions.withLock { $0.indices.contains(index) ? $0[index] : nil }
    }

    package func name(_ index: Int) -> String { self[index]?.name ?? "partition \(index)" }
}
