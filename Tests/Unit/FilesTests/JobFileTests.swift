import Glibc
import Plan
import StreamEngine
import System
import Testing

@testable import Files

@Suite("job file")
struct JobFileTests {
    @Test("the last state saved is loaded; a new job has none")
    func roundTrip() throws {
        let folder = TemporaryFolder()
        let directory = folder.path
        let place = directory + "/made/on/the/way"
        do {
            let job = try JobFile(directory: place, job: "a")
            #expect(try job.load() == nil)
            try job.save(fingerprint: "{}", checkpoint: "{\"x\":1}")
            try job.save(fingerprint: "{\"f\":\"\"}", checkpoint: "{\"x\":2}")
        }
        let loaded = try #require(try JobFile(directory: place, job: "a").load())
        #expect(loaded == JobState(fingerprint: "{\"f\":\"\"}", checkpoint: "{\"x\":2}"))
        #expect(try JobFile(directory: place, job: "b").load() == nil)
    }

    @Test("a job that starts over has no state, even after a crash")
    func startOver() throws {
        let folder = TemporaryFolder()
        do {
            let job = try JobFile(directory: folder.path, job: "a")
            try job.save(fingerprint: "{}", checkpoint: "{}")
            try job.remove()
            #expect(try job.load() == nil)
            try job.remove()
        }
        #expect(try JobFile(directory: folder.path, job: "a").load() == nil)
    }

    @Test("a list has all jobs of a directory: running, stopped, finished and damaged")
    func list() throws {
        let folder = TemporaryFolder()
        let directory = folder.path + "/jobs"
        #expect(try JobDirectory.list(directory) == JobList(place: directory, jobs: []))
        var checkpoint = Checkpoint()
        checkpoint.input.files.committed.position = 7
        checkpoint.input.files.committedChecksum = PositionChecksum(name: "in", hash: 0)
        func save(_ name: String, _ output: String) throws -> JobFile {
            let job = try JobFile(directory: directory, job: name)
            let fingerprint = output.isEmpty ? "{}" : #"{"--output":"\#(output)"}"#
            try job.save(fingerprint: fingerprint, checkpoint: checkpoint.text)
            return job
        }
        do {
            _ = try save("stopped", "out")
            checkpoint.output.isFinished = true
            _ = try save("finished", "")
            let file = try FileDescriptor.openForWriting(directory + "/damaged.job")
            try file.write("{}\n")
        }
        let running = try save("running", "out")
        _ = try FileDescriptor.openForWriting(directory + "/other.txt")
        let list = try JobDirectory.list(directory)
        #expect(running.name == "running")
        #expect(list.jobs.allSatisfy { ($0.committed ?? 0) > 1_700_000_000_000_000 })
        let position = [StoredJob.Position(input: "in", position: 7)]
        let jobs = list.jobs.map { job in
            var job = job
            job.committed = nil
            job.input = nil
            return job
        }
        #expect(
            jobs.sorted { $0.name < $1.name } == [
                StoredJob(name: "damaged", output: "-", status: .damaged),
                StoredJob(name: "finished", output: "-", status: .finished, positions: position),
                StoredJob(name: "running", output: "out", status: .running, positions: position),
                StoredJob(name: "stopped", output: "out", status: .stopped, positions: position),
            ])
    }

    @Test("a damaged file is an error, not a new job")
    func damaged() throws {
        let folder = TemporaryFolder()
        _ = try folder.file("a.job", "{}\n")
        let job = try JobFile(directory: folder.path, job: "a")
        #expect(throws: RunError.self) { try job.load() }
    }

    @Test("one process at a time holds a job, and it is free again when that process is gone")
    func lock() throws {
        let folder = TemporaryFolder()
        let directory = folder.path
        var first: JobFile? = try JobFile(directory: directory, job: "a")
        #expect(throws: RunError.self) { try JobFile(directory: directory, job: "a") }
        _ = try JobFile(directory: directory, job: "b")
        #expect(first != nil)
        first = nil
        _ = try JobFile(directory: directory, job: "a")
    }

    @Test(
        "the hash of a position reflects the bytes at the beginning and before the position, and detects a short file")
    func checksum() throws {
        let folder = TemporaryFolder()
        let directory = folder.path
        let path = directory + "/f"
        var bytes = [UInt8]((0..<10_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        func write() throws {
            let file = try FileDescriptor.openForWriting(path)
            try bytes.withUnsafeBytes { try file.write($0) }
        }
        func hash(_ position: Int) throws -> Int64? {
            try FileContent(path: path, decompresses: true).hashes(at: [position])[0]
        }
        try write()
        let first = try #require(try hash(5000))
        #expect(try hash(10_001) == nil)
        #expect(try hash(5001) != first)
        bytes += [1, 2, 3]
        try write()
        #expect(try hash(5000) == first)
        for place in [0, 1023, 3976, 4999] {
            bytes[place] ^= 1
            try write()
            #expect(try hash(5000) != first)
            bytes[place] ^= 1
        }
    }
}
