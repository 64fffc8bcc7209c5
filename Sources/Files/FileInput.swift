import Plan
import StreamEngine
import System

/// Files, pipes and standard input as the inputs of a run. They are read sequentially, as one partition.
package final class FileInput: OpenableInput {
    private let paths: [String]
    private let decompresses: Bool
    private let isJob: Bool
    private let positions = CompressedPositions()
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
        if run.plan.decompresses { try checkLibraries(spec.paths) }
        return FileInput(spec.paths, decompresses: run.plan.decompresses, isJob: run.plan.job != nil)
    }

    /// Checks before anything is read that all files can be decompressed. Looks only at regular files.
    private static func checkLibraries(_ paths: [String]) throws(RunError) {
        for path in paths where path != "-" {
            guard let compression = Compression(path: path) else { continue }
            do throws(ReadError) { try compression.checkLibrary() } catch { throw error.ending(path) }
        }
    }

    private init(_ paths: [String], decompresses: Bool, isJob: Bool) {
        self.paths = paths
        self.decompresses = decompresses
        self.isJob = isJob
        names = InputNames(paths.map { $0 == "-" ? "stdin" : $0 })
    }

    package static func overview(
        _ spec: FileInputs, _ run: RunContext, stored: () throws(RunError) -> InputCheckpoint?
    ) -> [String] {
        guard run.plan.decompresses else { return [] }
        return spec.paths.filter { $0 != "-" }.compactMap { path in
            Compression(path: path).map { "\(path) is \($0.name) data and will be decompressed (--decompress)." }
        }
    }

    package func begin(from stored: Checkpoint?, job: String?) throws(RunError) -> Checkpoint? {
        if let stored, let job {
            try stored.input.checkNames(paths, job: job)
            try checkContent(stored.input.ends, job: job)
        }
        return stored
    }

    /// - Throws: `mismatch` if the bytes before a position have changed.
    private func checkContent(_ ends: [(InputPosition, PositionChecksum)], job: String) throws(RunError) {
        for input in Set(ends.map(\.0.input)).sorted() {
            let path = paths[input]
            let ends = ends.filter { $0.0.input == input }
            let content = content(ofInput: input)
            let isCompressed = content.isCompressed
            let hashes = try content.hashes(at: ends.map(\.0.position))
            for ((position, checksum), hash) in zip(ends, hashes) {
                guard hash == checksum.hash else {
                    throw .mismatch(
                        "\(path) is not the file that job '\(job)' read: its first \(position.position) bytes have "
                            + "changed; use \(JobPlan.otherWays(job))")
                }
                if isCompressed { positions.note(position, hash: hash, compressed: 0) }
            }
        }
    }

    private func content(ofInput input: Int) -> FileContent {
        FileContent(path: paths[input], decompresses: decompresses)
    }

    package func hasGrown(since checkpoint: InputCheckpoint) throws(RunError) -> Bool {
        try checkpoint.isBehind(paths.map { FileContent(path: $0, decompresses: decompresses) })
    }

    package func share(before position: InputPosition) -> Double? {
        let sizes = paths.map { $0 == "-" ? standardInputSize() : regularFileSize($0) }
        guard !sizes.contains(nil), sizes.indices.contains(position.input) else { return nil }
        let known = sizes.compactMap(\.self)
        let total = known.reduce(0, +)
        let current = positions.compressedBytes(ofInput: position.input) ?? position.position
        let before = known[..<position.input].reduce(0, +) + current
        return total > 0 ? min(1, Double(before) / Double(total)) : nil
    }

    package func seal(_ checkpoint: inout InputCheckpoint) throws(RunError) {
        checkpoint.files.committedChecksum = try checksum(checkpoint.files.committed)
        checkpoint.files.restartChecksum = try checksum(checkpoint.files.restart)
        positions.forget(before: checkpoint.files.restart)
    }

    private func checksum(_ position: InputPosition) throws(RunError) -> PositionChecksum {
        guard paths.indices.contains(position.input) else { return PositionChecksum() }
        let path = paths[position.input]
        var hash = positions.hash(position)
        if hash == nil { hash = try content(ofInput: position.input).hashes(at: [position.position])[0] }
        guard let hash else { throw .mismatch("\(path) was truncated while it was being read") }
        return PositionChecksum(name: path, hash: hash)
    }

    package func open(_ options: SourceOptions) -> any OpenSource {
        SourceBox(
            FileSource(
                paths: paths, maxLine: options.maxLine, watchingOutput: options.output, decompresses: decompresses,
                choice: FormatChoice(options.format), recordIdle: options.recordIdle, columns: options.columns,
                positions: positions, isJob: isJob))
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

    /// Whether inputs have unread bytes after the committed position.
    func isBehind(_ inputs: [FileContent]) throws(RunError) -> Bool {
        for (number, content) in inputs.enumerated() where number >= files.committed.input {
            if try content.isLonger(than: readBytes(ofInput: number)) { return true }
        }
        return false
    }

    /// Bytes of an input that were read, also those that are held back.
    func readBytes(ofInput number: Int) -> Int {
        number == files.committed.input ? files.committed.position + heldBack : 0
    }
}
