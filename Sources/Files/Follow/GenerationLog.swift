import StreamEngine
import Synchronization
import System

/// The generations of all followed files: written by the source, read by the committing thread and by messages.
final class GenerationLog: Sendable {
    private struct Entry {
        var checkpoint: GenerationCheckpoint
        var hasEnded = false
    }

    private struct State {
        var next = 0
        /// The generations of each partition, in order.
        var partitions: [[Entry]] = []
        /// What messages call them, by their number.
        var names: [Int: String] = [:]
    }

    /// Names to keep.
    private static let mostNames = 10_000

    private let state = Mutex(State())

    /// A number that is higher than all others.
    func nextNumber() -> Int {
        state.withLock { state in
            state.next += 1
            return state.next - 1
        }
    }

    /// Higher numbers than these follow.
    func skip(_ number: Int) { state.withLock { $0.next = max($0.next, number + 1) } }

    /// - Parameter checkpoint: how it ended, if that was before this run.
    func add(_ generation: Generation, partition: Int, ended checkpoint: GenerationCheckpoint? = nil) {
        var entry = Entry(checkpoint: checkpoint ?? GenerationCheckpoint(), hasEnded: checkpoint != nil)
        entry.checkpoint.number = generation.number
        entry.checkpoint.path = generation.path
        entry.checkpoint.inode = Int64(bitPattern: generation.identity.inode)
        entry.checkpoint.inodeGeneration = generation.inodeGeneration
        if generation.content.position == 0 { entry.checkpoint.see(generation.held) }
        add(entry, partition: partition, name: generation.path)
    }

    /// A generation of which an earlier run has read all that is needed.
    func add(_ checkpoint: GenerationCheckpoint, partition: Int) {
        add(Entry(checkpoint: checkpoint, hasEnded: true), partition: partition, name: checkpoint.path)
    }

    private func add(_ entry: Entry, partition: Int, name: String) {
        state.withLock { state in
            while state.partitions.count <= partition { state.partitions.append([]) }
            state.partitions[partition].removeAll { $0.checkpoint.number == entry.checkpoint.number }
            let place = state.partitions[partition].firstIndex { $0.checkpoint.number > entry.checkpoint.number }
            state.partitions[partition].insert(entry, at: place ?? state.partitions[partition].count)
            state.names[entry.checkpoint.number] = name
            if state.names.count > Self.mostNames {
                state.names = state.names.filter { $0.key > entry.checkpoint.number - Self.mostNames / 2 }
            }
        }
    }

    /// Gives a generation of which nothing was read a number that is higher than all others.
    func renumber(_ generation: Generation, partition: Int) {
        remove(generation.number, partition: partition)
        generation.number = nextNumber()
        add(generation, partition: partition)
    }

    /// Forgets a generation of which nothing was read.
    func remove(_ number: Int, partition: Int) {
        state.withLock { state in
            guard state.partitions.indices.contains(partition) else { return }
            state.partitions[partition].removeAll { $0.checkpoint.number == number }
        }
    }

    /// What is seen of a generation of which nothing was read.
    func see(_ proof: ContentProof, of number: Int, partition: Int) {
        state.withLock { state in
            guard state.partitions.indices.contains(partition),
                let index = state.partitions[partition].firstIndex(where: { $0.checkpoint.number == number }),
                state.partitions[partition][index].checkpoint.seenEnd != proof.position
            else { return }
            state.partitions[partition][index].checkpoint.see(proof)
        }
    }

    func setName(_ name: String, of number: Int) { state.withLock { $0.names[number] = name } }

    /// The content of a generation ends, or nothing more of it will be read.
    func end(_ number: Int, partition: Int, at end: Int, hash: Int64) {
        state.withLock { state in
            guard state.partitions.indices.contains(partition),
                let index = state.partitions[partition].firstIndex(where: { $0.checkpoint.number == number })
            else { return }
            state.partitions[partition][index].checkpoint.end = end
            state.partitions[partition][index].checkpoint.hash = hash
            state.partitions[partition][index].checkpoint.isComplete = true
            state.partitions[partition][index].hasEnded = true
        }
    }

    func name(_ number: Int) -> String? { state.withLock { $0.names[number] } }

    /// The generations that a later run has to find: from the restart position on and, before it, the last one of which
    /// something was read. Forgets those before.
    func generations(_ partition: Int, _ checkpoint: PartitionCheckpoint) -> [GenerationCheckpoint] {
        state.withLock { state in
            guard state.partitions.indices.contains(partition) else { return [] }
            let (restart, committed) = (checkpoint.restart.input, checkpoint.committed)
            let all = state.partitions[partition]
            let anchor = all.last { $0.checkpoint.number < committed.input && $0.checkpoint.end > 0 }
            let first = min(restart, anchor?.checkpoint.number ?? restart)
            state.partitions[partition].removeAll { $0.checkpoint.number < first }
            return all.filter { $0.checkpoint.number >= first }.map { entry in
                var generation = entry.checkpoint
                // Nothing of it has been delivered.
                if generation.number > committed.input {
                    (generation.end, generation.hash, generation.isComplete) = (0, 0, false)
                }
                if generation.number == committed.input {
                    generation.isComplete = entry.hasEnded && committed.position == generation.end
                    generation.end = committed.position
                    generation.hash = checkpoint.committedChecksum.hash
                }
                if generation.end > 0 { (generation.seenEnd, generation.seenHash) = (0, 0) }
                return generation
            }
        }
    }
}

extension GenerationCheckpoint {
    fileprivate mutating func see(_ proof: ContentProof) {
        seenEnd = proof.position
        seenHash = proof.position > 0 ? proof.hash : 0
    }
}
