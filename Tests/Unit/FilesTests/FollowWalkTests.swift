import Glibc
import Testing

@testable import Files

@Suite("followed files")
struct FollowWalkTests {
    /// What the environment can ask for: the first seed, the number of walks, the most milliseconds between two steps, and
    /// after how many failures to end.
    private static let first = number("STREAMCTL_FOLLOW_SEED") ?? 1
    private static let count = number("STREAMCTL_FOLLOW_WALKS") ?? (number("STREAMCTL_FOLLOW_SEED") == nil ? 200 : 1)
    private static let mostPause = UInt32(clamping: number("STREAMCTL_FOLLOW_PAUSE") ?? 0) * 1000
    private static let mostFailures = number("STREAMCTL_FOLLOW_FAILURES") ?? 3

    private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

    @Test(
        "every line is delivered once and in order, whatever happens to the files and the follower",
        .enabled(if: Compression.areToolsInstalled, "gzip, zstd, bzip2, xz or lz4 is not installed"))
    func walks() throws {
        var failures: [String] = []
        for seed in Self.first..<Self.first + Self.count where failures.count < Self.mostFailures {
            var walk = FollowWalk(seed: seed, mostPause: Self.mostPause)
            if let failure = try walk.run() { failures.append(failure) }
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n\n"))")
    }

    @Test(
        "an empty file that was compressed is not taken for one that came later",
        .enabled(if: Compression.areToolsInstalled, "gzip, zstd, bzip2, xz or lz4 is not installed"))
    func emptyAndCompressed() throws {
        var walk = FollowWalk(seed: 920_840, mostPause: 0)
        #expect(try walk.run() == nil)
    }
}
