import StreamEngine
import System

/// Batches that are due to time, not to what was written: idle files, new ones, and the last record of several lines.
extension FollowSource {
    /// Delivers a record of several lines if no more lines have come for a while. Not in a job: the next run would read
    /// the record with lines that have come since.
    mutating func deliverPending(into batch: inout Batch, _ now: Int64) -> Bool {
        guard let idle = options.recordIdle, !input.isJob, now >= nextPendingCheck else { return false }
        for file in files where !file.isReady && file.hasStarted && !file.lines.pending.isEmpty {
            guard let generation = file.generations.first, now - generation.lastGrowth >= idle else { continue }
            file.lines.begin(&batch)
            if file.lines.flush(&batch) {
                deliver(&batch, generation, of: file, now)
                return true
            }
            file.lines.suspend(&batch)
        }
        nextPendingCheck = now + 100_000
        return false
    }

    // MARK: - Events

    /// Delivers an event of a partition instead of records: it is new, has moved on, or is idle.
    mutating func deliverEvent(into batch: inout Batch, _ now: Int64) -> Bool {
        if announced < files.count {
            announced += 1
            return event(of: files[announced - 1], into: &batch)
        }
        guard !isReplaying, now >= nextIdleCheck else { return false }
        for file in files where !file.isReady {
            if file.hasMoved { return event(of: file, into: &batch) }
            let isSilent = options.partitionIdle.map { now - file.lastActivity >= $0 } ?? false
            guard isSilent || isGone(file), !file.isIdle else { continue }
            file.isIdle = true
            _ = event(of: file, into: &batch)
            batch.outlook = .idle
            return true
        }
        nextIdleCheck = now + 100_000
        return false
    }

    private func event(of file: FollowedFile, into batch: inout Batch) -> Bool {
        file.hasMoved = false
        begin(&batch, file)
        batch.input = file.position.input
        batch.position = file.position.position
        batch.nextPosition = file.position.position
        batch.startsInput = false
        batch.checksum = PositionChecksum(
            name: file.name, hash: hash(of: file, file.generations.first, at: file.position.position))
        return true
    }

    /// Whether no record can come before a new file of this name appears.
    private func isGone(_ file: FollowedFile) -> Bool {
        guard file.isMissing else { return false }
        guard let generation = file.generations.first else { return true }
        return file.generations.count == 1 && generation.content.isAtEnd
            && generation.content.file.hasWriter == false
    }
}
