import CRDKafka
import Plan
import StreamEngine
import System

/// Topics that change during a run: new partitions, and topics that are deleted or created again.
extension TopicSource {
    /// How often to ask again for a topic that the brokers do not know, microseconds.
    private static let missingInterval: Int64 = 1_000_000

    mutating func discoverPartitions() throws(RunError) {
        guard input.address.until == nil || outage.isOngoing || missing != nil || isDoubtful,
            steadyClock() >= nextDiscovery
        else { return }
        let listing = input.listing()
        isDoubtful = false
        switch listing {
        // If the brokers do not respond, retry later.
        case .noAnswer: break
        case .missing(let reason):
            noteReachable()
            try noteMissing(reason)
        case .partitions(let all):
            noteReachable()
            if let gone = partitions.first(where: { !$0.isEnded && !all.contains($0.partition) }) {
                try noteMissing("partition \(gone.name) does not exist any more")
            } else {
                noteFound()
            }
            try addNew(all)
        }
        let interval = missing != nil ? Self.missingInterval : Self.discoveryInterval
        nextDiscovery = steadyClock() + (outage.isOngoing ? Self.outageInterval : interval)
    }

    private mutating func addNew(_ all: [TopicPartition]) throws(RunError) {
        let known = Set(partitions.map(\.partition))
        let new = all.filter { !known.contains($0) }
        guard input.address.until == nil, !new.isEmpty,
            let ranges = try? input.client.offsets(of: new, interrupt: interrupt)
        else { return }
        var plans: [PartitionPlan] = []
        for (partition, range) in zip(new, ranges) {
            plans.append(PartitionPlan(partition: partition, start: range.low))
        }
        options.warn("also reading new partitions: \(new.map(\.name).joined(separator: ", "))")
        try add(plans)
    }

    /// The brokers do not know a topic or a partition. They may forget one for a moment while they start.
    private mutating func noteMissing(_ reason: String) throws(RunError) {
        let now = steadyClock()
        let patience = input.client.identity.propagation
        guard let since = missing?.since else {
            missing = (now, reason)
            return options.warn(
                "\(input.address.name): \(reason); waiting \(DurationText.text(patience)) in case it comes back")
        }
        guard now - since >= patience else { return }
        throw .noInput("\(reason); it was deleted while it was read")
    }

    private mutating func noteFound() {
        guard missing != nil else { return }
        missing = nil
        options.warn("\(input.address.name): the brokers know all partitions again")
    }

    // MARK: - Topics that are created again

    /// Has the last record that was read of each doubtful partition compared with what the brokers have there now, before
    /// anything else of it is delivered.
    ///
    /// - Returns: whether there are any.
    @discardableResult mutating func recheckDoubtful() throws(RunError) -> Bool {
        guard !input.client.events.doubts.isEmpty else { return false }
        let doubts = input.client.events.doubts.take()
        try recheck(partitions.indices.filter { doubts.contains(partitions[$0].name) })
        doubtAll()
        return true
    }

    /// Looks soon whether a partition exists.
    mutating func doubt(_ index: Int) throws(RunError) {
        try recheck([index])
        doubtAll()
    }

    private mutating func doubtAll() {
        isDoubtful = true
        nextDiscovery = min(nextDiscovery, steadyClock() + Self.missingInterval)
    }

    private mutating func recheck(_ indices: [Int]) throws(RunError) {
        var starts: [(partition: TopicPartition, offset: Int)] = []
        for index in indices where !partitions[index].isEnded {
            guard let last = partitions[index].lastRead else { continue }
            partitions[index].fetched.removeAll(input.client.calls)
            partitions[index].mayHaveMore = true
            partitions[index].recheck(last)
            starts.append((partitions[index].partition, min(last.offset, partitions[index].position)))
        }
        try input.restart(starts)
    }

    /// Whether a partition goes on although the broker does not have the offset that was asked for.
    mutating func continues(_ index: Int) throws(RunError) -> Bool {
        let (partition, position) = (partitions[index].partition, partitions[index].position)
        guard let range = try input.client.offsets(of: [partition], interrupt: interrupt).first else { return false }
        guard range.high >= position else { throw recreated(index, "it ends at offset \(range.high)") }
        guard let checksum = partitions[index].checksum ?? partitions[index].lastRead, range.low <= position else {
            return false
        }
        // A new topic may just have been empty, so compare again. Only retention makes that impossible.
        partitions[index].recheck(checksum)
        if range.low > checksum.offset {
            partitions[index].checksum = nil
            partitions[index].isRechecked = false
        }
        try input.restart([(partition, min(position, max(checksum.offset, range.low)))])
        return true
    }

    func recreated(_ index: Int, _ reason: String) -> RunError {
        .noInput(
            "\(partitions[index].name) was deleted and created again, or has lost records, while it was read: \(reason), "
                + "and this run has read it up to \(partitions[index].position)")
    }
}
