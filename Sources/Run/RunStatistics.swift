import StreamEngine

/// What a run has done so far, as plain values: what the statistics file and the progress line show.
struct RunStatistics: Sendable {
    /// When it was taken, microseconds since 1970, and microseconds since the run began.
    var time: Int64 = 0
    var elapsed: Int64 = 0
    /// The most memory that the process has had, bytes, and the processor time that it has used, microseconds.
    var memory = 0
    var processorTime: Int64 = 0
    var records = 0
    /// Bytes of the batches that were processed, after decompression.
    var bytes = 0
    var inWindow = 0
    var inNoWindow = 0
    var filtered = 0
    var late = 0
    /// The watermark delay that would have kept all late records, microseconds; nil without late records.
    var worstDelay: Int64?
    var missedWindows = 0
    /// Records that `--dedup` has dropped, and those that it accepted because they have no key.
    var duplicates = 0
    var withoutKey = 0
    var tombstones = 0
    var reread = 0
    /// Reasons that have occurred.
    var rejected: [(reason: RejectReason, count: Int)] = []
    /// Values that an aggregate or a function could not use, by its name.
    var skipped: [(name: String, count: Int)] = []
    var tables: [Table] = []
    var rows = 0
    /// Rows that the output did not accept.
    var refused = 0
    var delivery = DeliveryStatistics()
    var open = OpenState()
    /// Microseconds since 1970; nil before the first event time, and the watermark also after the end of the input.
    var watermark: Int64?
    var latestEventTime: Int64?
    var partitions: [Partition] = []
    /// nil unless files are followed.
    var fileChanges: FileChanges?
    /// The share (0...1) of the input that was read; nil if its size is unknown.
    var share: Double?
    /// The share of a replay that is done; nil outside of a replay.
    var replayed: Double?

    /// The numbers of the last closed window, and its start, if metrics show them.
    var results: [LastResults.Series] = []
    var resultsStart: Int64?

    /// A table of `--lookup`.
    struct Table: Sendable {
        var name: String
        /// Those that it has now, or of the keys that are kept.
        var rows: Int
        /// The records without a row.
        var misses: Int
        /// If it is read again.
        var reloads: CurrentTable.Counts?
        /// If its rows are fetched by key.
        var fetched: KeyedTable.Counts?

        init(_ lookup: Lookup, misses: Int) {
            name = lookup.path
            fetched = lookup.keyed?.counts
            reloads = lookup.current?.counts
            rows = fetched?.rows ?? (lookup.current?.table ?? lookup.table)?.counts.rows ?? 0
            self.misses = misses
        }
    }

    /// A partition, or the input that is being read.
    struct Partition: Sendable {
        var name: String
        /// The byte or the offset of the next record.
        var position: Int
        /// The offset behind its last record, as far as its brokers have said.
        var end: Int?
        var watermark: Int64?
        /// It does not hold the watermark of the run back.
        var isIdle = false

        var lag: Int? { end.map { max(0, $0 - position) } }
    }

    /// The records of topics that are not read yet; nil if that is unknown.
    var lag: Int? {
        let lags = partitions.compactMap(\.lag)
        return lags.isEmpty ? nil : lags.reduce(0, +)
    }

    var rejectedCount: Int { rejected.reduce(0) { $0 + $1.count } }
}

extension RunStatistics {
    init(
        _ engine: any Engine, _ input: any Input, _ output: any RunOutput, _ lookups: [[Lookup]],
        reached: InputPosition, partitions reachedIn: [InputPosition?], bytes: Int, replay: ReplayTarget?
    ) {
        engine.withCounts { counts in
            records = counts.records
            inWindow = counts.inWindow
            inNoWindow = counts.inNoWindow
            filtered = counts.filtered
            late = counts.late
            worstDelay = counts.lateAdvice?.all
            missedWindows = counts.latePairs
            duplicates = counts.duplicates
            withoutKey = counts.withoutKey
            tombstones = counts.tombstones
            reread = counts.reread
            rejected = RejectReason.allCases.compactMap { reason in
                counts.rejected[reason].map { (reason, $0.count) }
            }
            skipped = counts.bad.map { ($0.key, $0.value.count) }.sorted { $0.name < $1.name }
        }
        rows = engine.rows
        for (stage, lookups) in zip(engine.stages, lookups) {
            var misses: [Int] = []
            stage.withCounts { misses = $0.lookupMisses }
            tables += lookups.enumerated().map { number, lookup in
                Table(lookup, misses: number < misses.count ? misses[number] : 0)
            }
        }
        self.bytes = bytes
        refused = output.refusals.count
        delivery = output.delivery
        open = engine.openState
        watermark = Self.known(engine.watermark)
        latestEventTime = Self.known(engine.latestEventTime)
        partitions = reachedIn.enumerated().compactMap { number, position in
            position.map {
                Partition(
                    name: input.name(of: $0, in: number), position: $0.position, end: input.end(of: number),
                    watermark: Self.known(engine.partitionState(of: number).watermark), isIdle: engine.isIdle(number))
            }
        }
        fileChanges = input.fileChanges
        share = input.share(before: reached)
        replayed = replay?.share
    }

    /// The ends of the range are no times.
    private static func known(_ time: Int64) -> Int64? { time > -timeLimit && time < timeLimit ? time : nil }

    private static let timeLimit: Int64 = 1 << 62
}
