import Glibc
import Plan
import StreamEngine
import System
import Testing

@testable import Files

/// Commands that are run one after the other where a look can be interrupted.
///
/// Unchecked: used by one thread.
final class Changes: @unchecked Sendable {
    var commands: [String] = []
    func next() -> String? { commands.isEmpty ? nil : commands.removeFirst() }
}

/// Follows a file that is changed by commands, also between two steps of one look.
class FollowRace {
    let folder = "/tmp/follow-race-\(randomSeed())"
    var name: String { folder + "/app.log" }
    let clock = WalkClock()
    let changes = Changes()
    var format = FormatName.lines
    /// What a job would have stored.
    var checkpoint = Checkpoint()

    init() {
        mkdir(folder, 0o700)
        ignoreLeaseSignals()
    }

    deinit { system("rm -r \(folder)") }

    func shell(_ command: String) { system("cd \(folder) && \(command)") }

    /// Rotates twice after some steps.
    func rotate(after steps: Int) {
        let once = "mv app.log app.log-20260302; echo c1 > app.log"
        let twice = once + "; mv app.log app.log-20260303; echo d1 > app.log"
        changes.commands = Array(repeating: "", count: steps) + [twice]
    }

    /// - Parameter stored: where an earlier run has stopped.
    func follow(
        from stored: Checkpoint? = nil, onGap: FollowedFiles.GapPolicy = .fail
    ) throws -> FollowSource {
        var spec = FollowedFiles([name])
        spec.onGap = onGap
        let (clock, changes, folder) = (clock, changes, folder)
        let input = FollowInput(
            spec, isJob: true, clock: { clock.now },
            betweenSteps: {
                let next = changes.next()
                if let next, !next.isEmpty { system("cd \(folder) && \(next)") }
            })
        checkpoint = try input.begin(from: stored, job: "race") ?? Checkpoint()
        var options = SourceOptions()
        options.format.name = format
        var source = input.source(options)
        source.resume(from: checkpoint.input)
        return source
    }

    /// Starts a job after a command, and reads what is there.
    func started(_ command: String, reading lines: [String]) throws -> FollowSource {
        shell(command)
        var source = try follow()
        #expect(try read(&source) == lines)
        return source
    }

    /// Starts a job again, with a change to the files after some steps of its start, and reads to the end.
    func restarted(_ source: inout FollowSource, _ change: String, at moment: Int) throws -> [String] {
        changes.commands = Array(repeating: "", count: moment) + [change]
        store(source)
        source = try follow(from: checkpoint)
        var found = try read(&source)
        while let next = changes.next() { shell(next) }
        found += try readRest(&source)
        return found
    }

    func read(_ source: inout FollowSource) throws -> [String] {
        var batch = Batch()
        var lines: [String] = []
        while try source.read(into: &batch, deadline: 0) == .lines {
            lines += String(decoding: batch.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            #expect(batch.start >= checkpoint.input.files.committed)
            checkpoint.input.files.committed = batch.end
            if let checksum = batch.checksum { checkpoint.input.files.committedChecksum = checksum }
        }
        return lines
    }

    /// Notes where a job would go on that has no open windows.
    func store(_ source: borrowing FollowSource) {
        checkpoint.input.files.restart = checkpoint.input.files.committed
        source.input.seal(&checkpoint.input)
    }

    /// Waits until no process has a file open for writing: a child of another test may have a descriptor that this process closed.
    func awaitNoWriter(_ name: String) {
        while let file = try? FileDescriptor.openForReading(folder + "/" + name), file.hasWriter == true {
            usleep(1000)
        }
    }

    /// Reads what there is, and what is there after a time in which no file is waited for: a child of another test may have one open for a
    /// moment.
    func readRest(_ source: inout FollowSource) throws -> [String] {
        var lines = try read(&source)
        for _ in 0..<2 {
            clock.advance(61_000_000)
            lines += try read(&source)
        }
        return lines
    }
}
