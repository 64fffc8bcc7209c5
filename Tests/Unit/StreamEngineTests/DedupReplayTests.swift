import Testing

@testable import StreamEngine

/// Records in an order in which one part of a replay with `--dedup` decides about the rows. Duplicates are at most 10 apart.
struct DedupSituation: Sendable, CustomTestStringConvertible {
    /// Times and windows are multiples of this, so that old keys are forgotten as soon as they may be.
    static let unit: Int64 = 1000
    static let within: Int64 = 10

    var testDescription: String
    var window: WindowSpec?
    /// Key and time of each record; `-` is a record that is filtered out, which advances the watermark all the same.
    var records: String

    static let all: [DedupSituation] = [
        // The first a is no longer near anything when the watermark is at 21. If a replay started at b, it would keep the second
        // a, and drop the third.
        DedupSituation(
            testDescription: "an old key whose duplicate came later", window: nil, records: "a0 b8 a9 -21 a15"),
        // If a replay started at the first b, it would keep a8 instead of a11.
        DedupSituation(
            testDescription: "a key that was kept because of an older one", window: nil,
            records: "a0 b1 b2 a8 a11 -31 a21"),
        DedupSituation(
            testDescription: "a chain of three keys", window: nil, records: "a0 b1 a8 a11 a19 a22 b12 -42 a32"),
        // At the end only d is a key that matters, but the window that is open needs to know that the second a was a duplicate.
        DedupSituation(
            testDescription: "a key that only the records of an open window need",
            window: .tumbling(size: 1000 * unit, align: 0), records: "a-5 c0 a3 d50 d70"),
        // The replay starts at the first b, where a101 is not known to be a duplicate: it must not get into the window that
        // c opened.
        DedupSituation(
            testDescription: "a duplicate before the window was opened that it would have been in",
            window: .tumbling(size: 100 * unit, align: 0), records: "a95 b96 b97 a101 -126 c127 c139"),
        DedupSituation(
            testDescription: "records in no window, whose keys count",
            window: .hopping(size: 20 * unit, step: 100 * unit, align: 0),
            records: "a90 b95 a99 a101 b106 -122 b117 c118"),
    ]

    func query() throws -> Query {
        var query = try Query.timed(window ?? .all, delay: 0)
        if window == nil { query.aggregates = [] }
        query.filter = try Expression.parse("f is null")
        query.dedup = Deduplication(fields: [try FieldPath.parse("id")], within: Self.within * Self.unit)
        return query
    }

    func identified() throws -> [IdentifiedRecord] {
        try records.split(separator: " ").enumerated().map { number, text in
            let time = try #require(Int64(text.dropFirst()))
            return IdentifiedRecord(
                time: time * Self.unit, id: String(text.prefix(1)), number: number, isFiltered: text.hasPrefix("-"))
        }
    }
}

@Suite("A replay with --dedup") struct DedupReplayTests {
    @Test(
        "knows the keys that are kept, wherever the run was cut off and its batches ended",
        arguments: DedupSituation.all)
    func everyPlace(situation: DedupSituation) throws {
        let query = try situation.query()
        let records = try situation.identified()
        let expected = try expectedRows(query, records)
        let runs = CutRuns(query, records.map(\.line))
        func check(_ place: CutRuns.Place, _ cuts: UInt64, depth: Int) throws {
            let resumed = try runs.run(from: place.checkpoint, cuts: cuts)
            try #require(
                text(place.rows + resumed.rows) == expected,
                "resumed at \(place.checkpoint.input.files) with cuts \(String(cuts, radix: 2))")
            guard depth > 0 else { return }
            for next in resumed.places {
                try check(
                    CutRuns.Place(rows: place.rows + next.rows, checkpoint: next.checkpoint), cuts, depth: depth - 1)
            }
        }
        for cuts in 0..<UInt64(1) << UInt64(records.count - 1) {
            let whole = try runs.run(from: nil, cuts: cuts << 1)
            try #require(text(whole.rows) == expected, "cuts \(String(cuts, radix: 2))")
            for place in whole.places {
                try check(place, CutRuns.single, depth: cuts == CutRuns.single >> UInt64(65 - records.count) ? 2 : 0)
                try check(place, CutRuns.whole, depth: 0)
            }
        }
    }

    @Test("knows the keys that are kept, of few keys at times that are about as far apart as duplicates")
    func dense() throws {
        var (restarts, warmUps, duplicates) = (0, 0, 0)
        for seed in 0..<UInt64(300) {
            var random = SeededGenerator(seed: seed &+ 24_000_000)
            let (query, records) = try seed % 2 == 0 ? denseCase(&random) : variedCase(&random)
            let model = DedupModel(records, within: query.dedup?.within, delay: query.watermarkDelay)
            duplicates += model.duplicates
            let expected = try expectedRows(query, records)
            let runs = CutRuns(query, records.map(\.line))
            let first = try runs.run(from: nil, cuts: UInt64.random(in: 0...UInt64.max, using: &random))
            try #require(text(first.rows) == expected, "seed \(seed)")
            for place in first.places {
                var place = place
                for _ in 0..<2 {
                    let files = place.checkpoint.input.files
                    if files.restart > .start { restarts += 1 }
                    if files.windowStart > files.restart { warmUps += 1 }
                    let resumed = try runs.run(
                        from: place.checkpoint, cuts: UInt64.random(in: 0...UInt64.max, using: &random))
                    try #require(text(place.rows + resumed.rows) == expected, "seed \(seed) resumed at \(files)")
                    guard let next = resumed.places.randomElement(using: &random) else { break }
                    place = CutRuns.Place(rows: place.rows + next.rows, checkpoint: next.checkpoint)
                }
            }
        }
        #expect(duplicates > 1000)
        #expect(restarts > 1000)
        #expect(warmUps > 200)
    }

    private func denseCase(_ random: inout SeededGenerator) throws -> (Query, [IdentifiedRecord]) {
        let unit = DedupSituation.unit
        let windows: [WindowSpec?] = [
            nil, nil, .tumbling(size: 7 * unit, align: 0), .tumbling(size: 40 * unit, align: 0),
            .tumbling(size: 150 * unit, align: 0), .hopping(size: 15 * unit, step: 60 * unit, align: 0),
            .session(gap: 14 * unit),
        ]
        var query = try DedupSituation(testDescription: "", window: random.pick(windows), records: "").query()
        query.watermarkDelay = random.pick([0, 0, 3, 10]) * unit
        if query.window.isTimed { query.lateness = random.pick([0, 0, 25]) * unit }
        let ids = ["a", "b", "c"].prefix(1 + random.below(3))
        var (now, records): (Int64, [IdentifiedRecord]) = (0, [])
        for number in 0..<(8 + random.below(20)) {
            now += random.pick([0, 1, 1, 2, 3, 5, 8, 9, 10, 11, 12, 21, -1, -4, -9])
            if random.below(12) == 0 { now += random.pick([20, 31, 45]) }
            records.append(
                IdentifiedRecord(
                    time: now * unit, id: random.pick(Array(ids)), number: number, isFiltered: random.below(8) == 0))
        }
        return (query, records)
    }

    /// A situation with other times and records in between.
    private func variedCase(_ random: inout SeededGenerator) throws -> (Query, [IdentifiedRecord]) {
        let situation = random.pick(DedupSituation.all)
        var records = situation.records.split(separator: " ").map { text in
            (id: String(text.prefix(1)), time: Int64(text.dropFirst()) ?? 0)
        }
        for number in records.indices where random.below(6) == 0 {
            records[number].time += Int64(random.below(3)) - 1
        }
        for _ in 0..<random.below(3) {
            let place = random.below(records.count)
            records.insert(
                (random.pick(["a", "b", "c", "-"]), records[place].time + random.pick([-9, -1, 0, 1, 10])), at: place)
        }
        // Keys are forgotten, and come again.
        for time in [45, 52, 55, 80] as [Int64] where Bool.random(using: &random) {
            records.append((random.pick(["a", "b", "-"]), (records.map(\.time).max() ?? 0) / 2 + time))
        }
        var varied = situation
        varied.records = records.map { "\($0.id)\($0.time)" }.joined(separator: " ")
        return (try varied.query(), try varied.identified())
    }

    private func expectedRows(_ query: Query, _ records: [IdentifiedRecord]) throws -> String {
        var plain = query
        plain.dedup = nil
        let model = DedupModel(records, within: query.dedup?.within, delay: query.watermarkDelay)
        return try runEngine(plain, batches: [DedupCase.bytes(model.lines)]).text
    }

    private func text(_ rows: [UInt8]) -> String { String(decoding: rows, as: UTF8.self) }
}
