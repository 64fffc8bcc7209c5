@testable import StreamEngine

/// What `--dedup` makes of records: a loop over all records that were accepted before.
struct DedupModel {
    /// The lines with those that are dropped or late replaced by filtered ones, which still advance the watermark.
    private(set) var lines: [String] = []
    private(set) var duplicates = 0
    private(set) var late = 0
    private(set) var withoutKey = 0

    init(_ records: [IdentifiedRecord], within: Int64?, delay: Int64?) {
        var accepted: [ModelKey: [Int64]] = [:]
        var latest: Int64?
        for record in records {
            defer { if !record.isRejected, let time = record.time { latest = max(latest ?? time, time) } }
            lines.append(record.line)
            guard !record.isRejected, !record.isFiltered else { continue }
            guard !record.id.isNull else {
                withoutKey += 1
                continue
            }
            let time = record.time ?? 0
            if let within, let delay, let latest, time < latest - delay - within {
                late += 1
            } else if accepted[record.id.key, default: []].contains(where: {
                within == nil || abs($0 - time) <= within ?? 0
            }) {
                duplicates += 1
            } else {
                accepted[record.id.key, default: []].append(time)
                continue
            }
            lines[lines.count - 1] = "{\"t\":\(time),\"f\":1}"
        }
    }
}

/// A record with a key for `--dedup` in the member `id`.
struct IdentifiedRecord {
    var line: String
    var time: Int64?
    var id: ModelValue
    var isRejected = false
    var isFiltered = false

    init(time: Int64, id: String, number: Int, isFiltered: Bool) {
        self.time = time
        self.id = .string(id)
        self.isFiltered = isFiltered
        line = "{\"t\":\(time),\"id\":\"\(id)\",\"n\":\(number)\(isFiltered ? ",\"f\":1" : "")}"
    }

    /// - Parameter ids: how many there are, written in several ways.
    init(_ record: ModelRecord, hasTime: Bool, ids: Int, _ random: inout SeededGenerator) {
        time = record.time
        isRejected = record.isMalformed || hasTime && record.time == nil
        isFiltered = record.isFiltered
        let number = Int64(random.below(ids))
        var text: String?
        switch random.below(12) {
        case 0: (id, text) = (.missing, nil)
        case 1: (id, text) = (.null, "null")
        case 2, 3: (id, text) = (.string("\(number)"), "\"\(number)\"")
        case 4: (id, text) = (.integer(number), "\(number).0")
        case 5:
            (id, text) = (
                .string("a long key, longer than 16 bytes \(number)"), "\"a long key, longer than 16 bytes \(number)\""
            )
        default: (id, text) = (.integer(number), "\(number)")
        }
        let members = record.line.dropFirst()
        line = record.line
        guard !record.isMalformed, let text else { return }
        line = "{\"id\":\(text)\(members == "}" ? "" : ",")\(members)"
    }
}

/// A query with `--dedup`, and the same without it.
struct DedupCase {
    let query: Query
    let plain: Query
    let records: [IdentifiedRecord]
    let model: DedupModel

    init(_ trial: ModelCase, _ random: inout SeededGenerator, isWhole: Bool? = nil) throws {
        var query = try trial.query()
        var records = trial.records.map { record in
            IdentifiedRecord(record, hasTime: trial.hasTime, ids: random.pick([1, 2, 3, 10]), &random)
        }
        // Copies, some of which come much later.
        for _ in 0..<random.below(records.count + 1) where !records.isEmpty {
            let from = random.below(records.count)
            records.insert(records[from], at: min(records.count, from + random.pick([1, 2, 5, 20])))
        }
        plain = query
        let times = records.compactMap(\.time)
        let span = max(1, (times.max() ?? 0) - (times.min() ?? 0))
        let whole = isWhole ?? (random.below(4) == 0)
        let within =
            trial.hasTime && !whole
            ? 1 + Int64.random(in: 0...(span / random.pick([1, 3, 10, 40])), using: &random) : nil
        query.dedup = Deduplication(fields: [try FieldPath.parse("id")], within: within)
        self.query = query
        self.records = records
        model = DedupModel(records, within: within, delay: query.watermarkDelay)
    }

    var lines: [String] { records.map(\.line) }
    static func bytes(_ lines: [String]) -> [UInt8] { lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] } }

    /// The rows of the query without `--dedup` over the records that the model keeps.
    func expected() throws -> EngineResult { try runEngine(plain, batches: [Self.bytes(model.lines)]) }
}
