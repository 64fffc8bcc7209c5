import Plan
import StreamEngine
import System

/// Files, pipes and standard input as the inputs of a run. They are read sequentially, as one partition.
package final class FileInput: OpenableInput {
    private let paths: [String]
    package let names: InputNames
    package var repeatsInOrder: Bool { true }

    /// - Throws: `noInput` for an input that cannot be read, or that a job could not read again.
    package static func open(_ spec: FileInputs, _ run: RunContext) throws(RunError) -> FileInput {
        try FileSource.check(spec.paths)
        // A job must be able to read its input again.
        if run.plan.job != nil {
            for path in spec.paths where regularFileSize(path) == nil {
                throw .noInput("\(path): not a regular file, but --job must be able to read it again")
            }
        }
        return FileInput(spec.paths)
    }

    package init(_ paths: [String]) {
        self.paths = paths
        names = InputNames(paths.map { $0 == "-" ? "stdin" : $0 })
    }

    package func begin(from stored: Checkpoint?, job: String?) throws(RunError) -> Checkpoint? {
        if let stored, let job {
            try stored.input.checkNames(paths, job: job)
            for (position, checksum) in stored.input.ends {
                let path = paths[position.input]
                guard positionHash(path, position: position.position) == checksum.hash else {
                    throw .mismatch(
                        "\(path) is not the file that job '\(job)' read: its first \(position.position) bytes have "
                            + "changed; use \(JobPlan.otherWays(job))")
                }
            }
        }
        return stored
    }

    package func hasGrown(since checkpoint: InputCheckpoint) -> Bool {
        checkpoint.isBehind(paths.map { regularFileSize($0) })
    }

    package func share(before position: InputPosition) -> Double? {
        let sizes = paths.map { $0 == "-" ? standardInputSize() : regularFileSize($0) }
        guard !sizes.contains(nil), sizes.indices.contains(position.input) else { return nil }
        let known = sizes.compactMap(\.self)
        let total = known.reduce(0, +)
        let before = known[..<position.input].reduce(0, +) + position.position
        return total > 0 ? min(1, Double(before) / Double(total)) : nil
    }

    package func seal(_ checkpoint: inout InputCheckpoint) throws(RunError) {
        checkpoint.files.committedChecksum = try checksum(checkpoint.files.committed)
        checkpoint.files.restartChecksum = try checksum(checkpoint.files.restart)
    }

    private func checksum(_ position: InputPosition) throws(RunError) -> PositionChecksum {
        guard paths.indices.contains(position.input) else { return PositionChecksum() }
        let path = paths[position.input]
        guard let hash = positionHash(path, position: position.position) else {
            throw .mismatch("\(path) was truncated while it was being read")
        }
        return PositionChecksum(name: path, hash: hash)
    }

    package func open(_ options: SourceOptions) -> any OpenSource {
        SourceBox(
            FileSource(
                paths: paths, maxLine: options.maxLine, watchingOutput: options.output,
                choice: FormatChoice(options.format), recordIdle: options.recordIdle, columns: options.columns))
    }
}

extension InputCheckpoint {
    /// The positions where a replay starts and ends, with their checksums.
    fileprivate var ends: [(InputPosition, PositionChecksum)] {
        [(files.restart, files.restartChecksum), (files.committed, files.committedChecksum)]
    }

    /// - Throws: `mismatch` if the names or the order of the inputs read so far have changed.
    func checkNames(_ names: [String], job: String) throws(RunError) {
        for (position, checksum) in ends {
            guard names.indices.contains(position.input), names[position.input] == checksum.name else {
                throw .mismatch(
                    "job '\(job)' read \(checksum.name) as input number \(position.input + 1); name the same "
                        + "inputs in the same order (others may follow), or use \(JobPlan.otherWays(job))")
            }
        }
    }

    /// Whether the inputs have unread bytes after the committed position.
    ///
    /// - Parameter lengths: the length of each input in bytes; nil if it never ends.
    func isBehind(_ lengths: [Int?]) -> Bool {
        for (number, length) in lengths.enumerated() where number >= files.committed.input {
            let read = number == files.committed.input ? files.committed.position + heldBack : 0
            guard let length else { return true }
            if length > read { return true }
        }
        return false
    }
}
