import StreamEngine
import Testing

@testable import Files

@Suite("The file of a table") struct LookupFilesTests {
    /// Enough for about twenty batches.
    private static let rowCount = 200_000

    /// Reads a table in which some rows are others.
    private func read(
        _ folder: borrowing TemporaryFolder, jobs: Int, match: Lookup.Match = .first, _ others: [Int: String]
    ) throws -> LookupTable? {
        let key = try FieldPath.parse("id")
        let rows = (0..<Self.rowCount).map { (others[$0] ?? "\($0),name of \($0)") + "\n" }
        var lookup = Lookup(path: try folder.file("a", "id,name\n" + rows.joined()), fields: [key], keys: [key])
        lookup.match = match
        var query = Query()
        query.lookups = [lookup]
        return try LookupFiles.read(query, decompresses: true, seed: 1, jobs: jobs).first?.table
    }

    @Test("is read by several threads to the same table", arguments: [1, 2, 3, 7])
    func threads(jobs: Int) throws {
        let folder = TemporaryFolder()
        let table = try #require(try read(folder, jobs: jobs, [150_000: "7,a", 199_999: "9,b"]))
        #expect(table.columns == ["name"])
        #expect(table.counts.rows == Self.rowCount)
        #expect(table.counts.keys == Self.rowCount - 2)
        #expect(table.counts.duplicates == 2)
        let alone = try read(folder, jobs: 1, [150_000: "7,a", 199_999: "9,b"])
        #expect(table.content == alone?.content)
    }

    @Test("has the first problem that it has, however many threads read it", arguments: [1, 2, 3, 7])
    func firstProblem(jobs: Int) throws {
        let folder = TemporaryFolder()
        for (others, line) in [
            ([100_000: "5,a", 100_001: "6", 190_000: "x"], 100_002), ([100_000: "6", 100_001: "5,a"], 100_002),
            ([100_000: "5,a", 100_001: "6,a", 20_000: "7,b"], 20_002), ([199_999: "5,\"a"], 200_001),
            ([90_000: "5,a", 199_990: "x"], 90_002),
            ([180_000: "5,a", 199_990: "x"], 180_002),
        ] {
            let error = #expect(throws: RunError.self) {
                _ = try read(folder, jobs: jobs, match: .error, others)
            }
            #expect(error?.text.contains("line \(line):") == true, "\(error?.text ?? "")")
        }
    }
}
