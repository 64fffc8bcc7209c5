import Synchronization

/// The names of the partitions in messages, by number. More may be added.
package final class PartitionNames: Sendable {
    private let names = Mutex<[String]>([])

    package init() {}

    func add(_ name: String) { names.withLock { $0.append(name) } }

    package func name(_ index: Int) -> String {
        names.withLock { $0.indices.contains(index) ? $0[index] : "partition \(index)" }
    }
}
