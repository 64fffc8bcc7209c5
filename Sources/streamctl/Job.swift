import Command
import Files
import Plan
import StreamEngine

/// How a run begins that may have been begun before.
enum JobStart {
    /// With what is known of the input, if anything is.
    case fresh(Checkpoint?)
    /// Go on; what the checkpoint says was done is not done again.
    case resume(Checkpoint)
    /// All of the input was read and delivered, and nothing has been added.
    case finished(Checkpoint)
}

extension JobStart {
    /// - Parameter stored: what the job remembers, as text; nil when it is new.
    /// - Throws: `undelivered` when that does not fit this command line or its inputs.
    init(
        _ plan: Plan, _ input: RunInput, _ job: JobPlan, stored: JobState?
    ) throws(SinkError) {
        guard let stored else {
            self = .fresh(try input.begin(from: nil, job: job.name))
            return
        }
        try Self.compare(job, stored.fingerprint)
        guard let left = Checkpoint(text: stored.checkpoint),
            var checkpoint = try input.begin(from: left, job: job.name)
        else {
            throw .undelivered(
                .mismatch, reason: "job '\(job.name)' was left by another version of streamctl; begin a new one")
        }
        let hasGrown = input.hasGrown(since: left)
        if checkpoint.isFinished, !hasGrown {
            self = .finished(checkpoint)
            return
        }
        if checkpoint.isClosing, hasGrown {
            // The rows of the end were not the last ones after all.
            if plan.table?.mode == .append {
                throw .undelivered(
                    .mismatch,
                    reason:
                        "job '\(job.name)' has appended the rows of windows that were open at the end of the input, and "
                        + "the input has grown since; --mode upsert could replace them")
            }
            checkpoint.rowsAfter = 0
            checkpoint.isClosing = false
            checkpoint.output = checkpoint.outputAt
        }
        self = .resume(checkpoint)
    }

    private static func compare(_ job: JobPlan, _ stored: String) throws(SinkError) {
        let names = JobPlan.fingerprintNames
        let before = FlatObject.parse(stored, names)
        let now = FlatObject.parse(job.fingerprintText, names)
        for name in names where before[name] != now[name] {
            func show(_ member: FlatObject.Member?) -> String {
                guard case .text(let text) = member else { return "not given" }
                return text.isEmpty ? "given" : "'\(text)'"
            }
            throw .undelivered(
                .mismatch,
                reason: "job '\(job.name)' was begun with other flags: \(name) was \(show(before[name])) and is "
                    + "\(show(now[name])); give the same, or another --job")
        }
    }
}

extension Checkpoint {
    /// Notes what the inputs are like at the places that it names.
    mutating func prove(_ inputs: [InputSpec]) throws(SinkError) {
        files.committedChecksum = try Self.proof(inputs, files.at)
        files.restartChecksum = try Self.proof(inputs, files.low)
    }

    private static func proof(_ inputs: [InputSpec], _ place: InputPosition) throws(SinkError) -> PositionChecksum {
        guard inputs.indices.contains(place.input) else { return PositionChecksum() }
        let input = inputs[place.input]
        guard let path = input.path else { return PositionChecksum(name: input.name, hash: 0) }
        guard let hash = placeHash(path, position: place.position) else {
            throw .undelivered(.mismatch, reason: "\(path) was shortened while it was read")
        }
        return PositionChecksum(name: input.name, hash: hash)
    }

    /// - Throws: `undelivered(.mismatch)` when an input is not what was read.
    func check(_ inputs: [InputSpec], job: String) throws(SinkError) {
        for (place, proof) in [(files.low, files.restartChecksum), (files.at, files.committedChecksum)] {
            guard inputs.indices.contains(place.input), inputs[place.input].name == proof.name else {
                throw .undelivered(
                    .mismatch,
                    reason: "job '\(job)' read \(proof.name) as input number \(place.input + 1); give the same "
                        + "inputs in the same order (others may follow), or another --job")
            }
            guard let path = inputs[place.input].path else { continue }
            guard placeHash(path, position: place.position) == proof.hash else {
                throw .undelivered(
                    .mismatch,
                    reason: "\(path) is not what job '\(job)' has read: its first \(place.position) bytes have "
                        + "changed; give another --job to read it anew")
            }
        }
    }

    /// There is something to read behind the place.
    func hasGrown(_ inputs: [InputSpec]) -> Bool {
        for (number, input) in inputs.enumerated() where number >= files.at.input {
            let read = number == files.at.input ? files.at.position + heldBack : 0
            guard let length = input.length else { return true }
            if length > read { return true }
        }
        return false
    }
}
