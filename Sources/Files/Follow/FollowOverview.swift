import Plan
import StreamEngine
import System

extension FollowInput {
    /// Files to list.
    private static let most = 32

    /// The files, what was rotated away from them, and where a job goes on.
    package static func overview(
        _ spec: FollowedFiles, _ run: RunContext, stored: () throws(RunError) -> InputCheckpoint?
    ) -> [String] {
        let input = FollowInput(spec, decompresses: run.plan.decompresses, isJob: false)
        let checkpoint: InputCheckpoint?
        do throws(RunError) {
            checkpoint = try stored()
        } catch {
            return ["not known where the job goes on: \(error.text)"]
        }
        let known = checkpoint?.partitions.filter { !$0.committedChecksum.name.isEmpty } ?? []
        for partition in known {
            input.log.skip(partition.generations.reduce(partition.committed.input) { max($0, $1.number) })
        }
        let resumed = known.map { input.resumption(of: $0) }
        let followed = Set(known.map(\.committedChecksum.name))
        let new = (input.literals + input.matches(besides: followed)).filter { !followed.contains($0) }
        let lines = resumed + new.map { input.start(of: $0, atEnd: spec.startsAtEnd && checkpoint == nil) }
        let waiting = input.patterns.filter { namesMatching($0).isEmpty }.map { "\($0): matches no file yet" }
        return lines.prefix(most) + (lines.count > most ? ["and \(lines.count - most) more"] : []) + waiting
    }

    /// Where the run goes on with a name that a job has followed.
    private func resumption(of partition: PartitionCheckpoint) -> String {
        let name = partition.committedChecksum.name
        let start: FollowedStart
        do throws(RunError) {
            start = try FollowedStart(resuming: partition, partition: 0, self, .fail, { _ in }, lists: false, 0)
        } catch {
            return error.text
        }
        let committed = start.generations.first { $0.number == partition.committed.input }
        let place = "byte \(partition.committed.position) of \(committed?.path ?? name)"
        let later = start.generations.filter { $0.number > partition.committed.input }.map(\.path)
        let replay = partition.restart < partition.committed ? " (read again from \(restart(partition, start)))" : ""
        return "\(name): goes on at \(place)\(replay)"
            + (later.isEmpty ? "" : ", then \(later.joined(separator: ", "))")
    }

    private func restart(_ partition: PartitionCheckpoint, _ start: FollowedStart) -> String {
        let path = start.generations.first?.path ?? partition.committedChecksum.name
        return "byte \(partition.restart.position) of \(path), for open windows"
    }

    /// Where the run starts with a name that is new.
    private func start(of name: String, atEnd: Bool) -> String {
        let older = finder.rotated.candidates(of: name).map { splitPath($0.path).name }
        let state = exists(name) ? (atEnd ? ", from its end" : "") : ": no such file yet"
        return name + state + (older.isEmpty ? "" : "; rotated before, and not read: \(older.joined(separator: ", "))")
    }

    /// The file whose first records show the format of a name: the file itself or, if it has none, the last one that was
    /// rotated away.
    ///
    /// - Parameter name: may be a pattern.
    package static func sample(of name: String) -> String? {
        let names = exists(name) || !FollowedFiles.isPattern(name) ? [name] : namesMatching(name)
        let rotated = RotatedFiles(patterns: [], takesAll: false)
        let files = names.flatMap { [$0] + rotated.candidates(of: $0).reversed().map(\.path) }
        return files.first { regularFileSize($0) ?? 0 > 0 }
    }
}
