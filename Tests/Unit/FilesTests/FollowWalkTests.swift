import Glibc
import Testing

@testable import Files

@Suite("followed files")
struct FollowWalkTests {
    /// `STREAMCTL_FOLLOW_WALKS` asks for more, of which about one in a hundred still fails under the thread sanitizer;
    /// `STREAMCTL_FOLLOW_SEED` asks for one.
    private static let count = number("STREAMCTL_FOLLOW_WALKS") ?? 20

    private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

    @Test(
        "every line is delivered once and in order, whatever happens to the files and the follower",
        .enabled(if: Compression.areToolsInstalled, "gzip, zstd, bzip2, xz or lz4 is not installed"))
    func walks() throws {
        let seeds = Self.number("STREAMCTL_FOLLOW_SEED").map { $0...$0 } ?? 1...Self.count
        var failures: [String] = []
        for seed in seeds {
            if let failure = try FollowWalk(seed: seed).run() { failures.append(failure) }
            if failures.count == 3 { break }
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n\n"))")
    }
}
