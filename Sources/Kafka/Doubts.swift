import StreamEngine
import Synchronization
import System

/// Partitions that may no longer be those that were read: their leader has changed, was lost, or does not know them.
///
/// librdkafka hides this from its users: it asks for the new leader and continues at the same offset, even in another
/// topic that was created under the same name. Only its debug messages show it, in the thread that handles the answer,
/// so before anything else of that partition is fetched.
struct Doubts: Sendable, Equatable {
    /// The debug contexts of librdkafka that have these messages. They are rare.
    static let contexts = ["topic", "broker"]

    /// `topic[3]`
    private(set) var partitions: Set<String> = []
    private(set) var concernsAll = false

    init() {}

    /// - Returns: nil for other messages.
    init?(facility: String, text: UnsafePointer<CChar>) {
        switch facility {
        case "BROKERUA", "TOPICUPD":
            if let name = Self.partition(in: String(cString: text)) {
                partitions = [name]
            } else {
                concernsAll = true
            }
        case "STATE":
            guard String(cString: text).contains("Broker changed state UP -> ") else { return nil }
            concernsAll = true
        default: return nil
        }
    }

    /// The partition in `[thrd:main]: Topic orders [3]: migrating ...`
    private static func partition(in text: String) -> String? {
        let words = text.split(separator: " ")
        for (topic, number) in zip(words, words.dropFirst()) {
            guard number.hasPrefix("["), number.hasSuffix("]:"), let id = Int32(number.dropFirst().dropLast(2)) else {
                continue
            }
            return TopicPartition(topic: String(topic), id: id).name
        }
        return nil
    }

    func contains(_ name: String) -> Bool { concernsAll || partitions.contains(name) }

    mutating func formUnion(_ other: Doubts) {
        partitions.formUnion(other.partitions)
        concernsAll = concernsAll || other.concernsAll
    }
}

/// Doubts that several threads of librdkafka note at once. The lock is one that ThreadSanitizer knows.
final class SharedDoubts: @unchecked Sendable {
    private let monitor = Monitor()
    private var doubts = Doubts()
    private let areThere = Atomic<Bool>(false)

    /// Whether `take` has any; costs no lock.
    var isEmpty: Bool { !areThere.load(ordering: .acquiring) }

    func add(_ found: Doubts) {
        monitor.lock()
        defer { monitor.unlock() }
        doubts.formUnion(found)
        areThere.store(true, ordering: .releasing)
    }

    /// Those since the last call.
    func take() -> Doubts {
        monitor.lock()
        defer { monitor.unlock() }
        areThere.store(false, ordering: .releasing)
        let taken = doubts
        doubts = Doubts()
        return taken
    }
}
