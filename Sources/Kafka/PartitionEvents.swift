import Plan
import StreamEngine
import System

/// Batches without records: new, ended and idle partitions.
extension TopicSource {
    /// Delivers an event of a partition instead of records: it is new, has ended, or is idle.
    mutating func deliverEvent(into batch: inout Batch, now: Int64) -> Bool {
        if announced < partitions.count {
            announced += 1
            begin(&batch, announced - 1)
            // From here on it has a name and a position.
            batch.checksum = PositionChecksum(name: partitions[announced - 1].name, hash: 0)
            finish(&batch, announced - 1)
            return true
        }
        guard !isReplaying else { return false }
        for index in partitions.indices where !partitions[index].isEndReported && !partitions[index].isReady {
            if case .time(let time) = input.address.until, partitions[index].isAtEnd, wallClock() >= time {
                partitions[index].isEnded = true
            }
            let isSilent =
                options.partitionIdle.map { now - partitions[index].lastActivity >= $0 } ?? false
                && !partitions[index].isHeldBack
            guard partitions[index].isEnded || isSilent && !partitions[index].isIdle else { continue }
            partitions[index].isIdle = true
            begin(&batch, index)
            batch.outlook = .idle
            finish(&batch, index)
            return true
        }
        return false
    }

    /// Warns about partitions without records that hold back the watermark.
    mutating func warnAboutStalledPartitions(_ now: Int64) {
        guard options.hasWatermark, options.partitionIdle == nil else { return }
        let times = input.alignment.all(partitions.count)
        guard let latest = times.max(), latest > Int64.min else { return }
        let stalled = partitions.indices.filter { index in
            !partitions[index].isEnded && !partitions[index].isHeldBack
                && now - partitions[index].lastActivity >= Self.stallWarningDelay
                && times[index] < latest && times[index] == times.min()
        }
        guard stalled.contains(where: { !partitions[$0].isStallReported }), idleLimit.allows(at: now) else { return }
        for index in stalled { partitions[index].isStallReported = true }
        let most = 8
        let names = stalled.prefix(most).map { partitions[$0].name }.joined(separator: ", ")
        let more = stalled.count > most ? " and \(stalled.count - most) more" : ""
        options.warn(
            "\(names)\(more): idle for \(DurationText.text(Self.stallWarningDelay)); this holds back the "
                + "watermark; --idle 10s ignores idle partitions")
    }
}
