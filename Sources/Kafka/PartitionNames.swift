import Synchronization

/// What messages call the partitions, by their numbers. More of them may appear.
package final class PartitionNames: Sendable {
    private let names = Mutex<[String]>([])

    package init() {}

    func add(_ name: String) { names.withLock { $0.append(name) } }

    package func name(_ index: Int) -> String {
        names.withLock { $0.indices.contains(index) ? $0[index] : "partition \(index)" }
    }
}
