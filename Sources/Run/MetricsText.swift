import StreamEngine

/// The statistics of a run in the text format of Prometheus (0.0.4) or as OpenMetrics 1.0.
struct MetricsText: ~Copyable {
    enum Form: Sendable {
        case prometheus, openMetrics

        var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    private enum Kind: String { case counter, gauge, summary }

    /// Inputs and partitions that have samples of their own; the rest shares one.
    private static let mostInputs = 20

    private let form: Form
    private var buffer = ByteBuffer(capacity: 8192)

    /// - Parameter isUp: false for the last state of a run that has ended.
    static func text(_ statistics: RunStatistics, version: String, isUp: Bool = true, _ form: Form) -> String {
        var text = MetricsText(form)
        text.append(statistics, version, isUp)
        return text.finish()
    }

    private mutating func finish() -> String {
        if form == .openMetrics { buffer.append("# EOF\n" as StaticString) }
        return buffer.text
    }

    private init(_ form: Form) { self.form = form }

    private mutating func append(_ run: RunStatistics, _ version: String, _ isUp: Bool) {
        gauge("up", "1 while the run goes on.", isUp ? 1 : 0)
        begin("build_info", .gauge, "The version of streamctl.")
        sample("build_info", [("version", version)], 1)
        gauge(
            "start_time_seconds", "When the run has begun, seconds since 1970.", Self.seconds(run.time &- run.elapsed))
        counter("records", "Records read.", run.records)
        counter("input_bytes", "Bytes read, after decompression.", run.bytes)
        let outcomes = [
            ("in_window", run.inWindow), ("in_no_window", run.inNoWindow), ("filtered", run.filtered),
            ("late", run.late), ("duplicate", run.duplicates), ("tombstone", run.tombstones), ("reread", run.reread),
            ("rejected", run.rejectedCount),
        ]
        begin("record_outcomes", .counter, "Records by what became of them.")
        for (outcome, count) in outcomes { sample("record_outcomes", [("outcome", outcome)], count) }
        begin("rejected_records", .counter, "Rejected records by reason.")
        for reason in RejectReason.allCases {
            let count = run.rejected.first { $0.reason == reason }?.count ?? 0
            sample("rejected_records", [("reason", reason.rawValue)], count)
        }
        counter("missed_windows", "Windows that a record in another window came too late for.", run.missedWindows)
        counter("without_key", "Records without a key for --dedup, which were accepted.", run.withoutKey)
        counter("skipped_values", "Values that aggregates could not use.", run.skipped.reduce(0) { $0 + $1.count })
        append(run.tables)
        counter("rows", "Rows printed.", run.rows)
        counter("refused_rows", "Rows that the output did not accept.", run.refused)
        summary(
            "processing_seconds", "From the reading of records to their rows being written or committed.",
            run.delivery.processing)
        summary("commit_seconds", "How long commits took.", run.delivery.commits)
        counter("reconnects", "Lost connections to the output that were made again.", run.delivery.reconnects)
        if let changes = run.fileChanges {
            counter("rotations", "Followed files that were rotated and read to their end.", changes.rotations)
            counter("truncations", "Truncations of followed files.", changes.truncations)
        }
        if let windows = run.open.windows { gauge("open_windows", "Windows that have not closed.", windows) }
        gauge("open_groups", "Groups, counted in each window that has them.", run.open.groups)
        gauge("state_bytes", "Memory of groups, windows and the values of aggregates.", run.open.bytes)
        gauge(
            "worst_delay_seconds", "Watermark delay that would have kept all late records.",
            run.worstDelay.map { Self.seconds($0) }
        )
        gauge("watermark_seconds", "The watermark, seconds since 1970.", run.watermark.map { Self.seconds($0) })
        gauge(
            "latest_time_seconds", "The latest event time, seconds since 1970.",
            run.latestEventTime.map { Self.seconds($0) })
        gauge(
            "lag_seconds", "How far the latest event time is behind the clock.",
            run.latestEventTime.map { Self.seconds(run.time &- $0) })
        gauge("read_ratio", "Share of the files that was read.", run.share)
        gauge("replay_ratio", "Share of a replay that is done; 1 without one.", run.replayed ?? 1)
        append(run.partitions)
        append(run.results, run.resultsStart)
        begin("cpu_seconds", .counter, "Processor time of the process.")
        sample("cpu_seconds", [], Self.seconds(run.processorTime))
        gauge("peak_memory_bytes", "The most memory that the process has had.", run.memory)
    }

    private mutating func append(_ tables: [RunStatistics.Table]) {
        guard !tables.isEmpty else { return }
        begin("lookup_misses", .counter, "Records without a row in a table.")
        for table in tables { sample("lookup_misses", [("table", table.name)], table.misses) }
        begin("lookup_table_rows", .gauge, "Rows of a table.")
        for table in tables { sample("lookup_table_rows", [("table", table.name)], table.rows) }
        append("lookup_reloads", "How often a changed table was read again.", tables) { $0.reloads?.reloads }
        append("lookup_failed_reloads", "How often a table could not be read again.", tables) { $0.reloads?.failures }
        append("lookup_fetched_keys", "Keys whose rows were fetched.", tables) { $0.fetched?.keys }
        append("lookup_fetches", "How often rows were fetched by key.", tables) { $0.fetched?.fetches }
    }

    /// A counter of those tables that have one.
    private mutating func append(
        _ name: String, _ help: String, _ tables: [RunStatistics.Table], _ count: (RunStatistics.Table) -> Int?
    ) {
        let counts = tables.compactMap { table in count(table).map { (table.name, $0) } }
        guard !counts.isEmpty else { return }
        begin(name, .counter, help)
        for (table, count) in counts { sample(name, [("table", table)], count) }
    }

    private mutating func append(_ partitions: [RunStatistics.Partition]) {
        guard !partitions.isEmpty else { return }
        let own = partitions.prefix(Self.mostInputs)
        let rest = partitions.dropFirst(Self.mostInputs)
        begin("input_position", .gauge, "Byte or offset of the next record of each input.")
        for partition in own { sample("input_position", [("input", partition.name)], partition.position) }
        if !rest.isEmpty {
            sample("input_position", [("input", "other")], rest.reduce(0) { $0 &+ $1.position })
        }
        if partitions.contains(where: { $0.lag != nil }) {
            begin("input_lag", .gauge, "Records of each partition that are not read yet.")
            for partition in own {
                if let lag = partition.lag { sample("input_lag", [("input", partition.name)], lag) }
            }
            let others = rest.compactMap(\.lag)
            if !others.isEmpty { sample("input_lag", [("input", "other")], others.reduce(0, +)) }
        }
        gauge(
            "idle_inputs", "Inputs that do not hold the watermark back.", partitions.count { $0.isIdle })
        guard partitions.contains(where: { $0.watermark != nil }) else { return }
        begin("input_watermark_seconds", .gauge, "The watermark of each input, of the others the lowest.")
        for partition in own {
            guard let watermark = partition.watermark else { continue }
            sample("input_watermark_seconds", [("input", partition.name)], Self.seconds(watermark))
        }
        if let lowest = rest.compactMap(\.watermark).min() {
            sample("input_watermark_seconds", [("input", "other")], Self.seconds(lowest))
        }
    }

    private mutating func append(_ results: [LastResults.Series], _ start: Int64?) {
        if let start {
            gauge(
                "result_window_seconds", "The start of the last closed window, seconds since 1970.", Self.seconds(start)
            )
        }
        guard !results.isEmpty else { return }
        begin("result", .gauge, "Numbers of the last closed window, by column and group.")
        for series in results {
            var labels = [("column", series.column)]
            for (name, value) in series.labels {
                let name = Self.labelName(name)
                // Where two keys have the same name here, the first counts.
                if !labels.contains(where: { $0.0 == name }) { labels.append((name, value)) }
            }
            sample("result", labels, series.value)
        }
    }

    /// A name of letters, digits and underscores that Prometheus accepts.
    static func labelName(_ text: String) -> String {
        let name = String(
            text.unicodeScalars.map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    ? Character(scalar) : "_"
            })
        // Names that begin with two underscores are reserved.
        let isBad = name.isEmpty || name.hasPrefix("__") || name == "column" || ("0"..."9").contains(name.prefix(1))
        return isBad ? "key_\(name)" : name
    }

    private static func seconds(_ microseconds: Int64) -> Double { Double(microseconds) / 1e6 }

    // MARK: - Families and samples

    private mutating func counter(_ name: String, _ help: String, _ value: Int) {
        begin(name, .counter, help)
        sample(name, [], value)
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        begin(name, .gauge, help)
        sample(name, [], value)
    }

    /// - Parameter value: nil for a family that has no sample yet.
    private mutating func gauge(_ name: String, _ help: String, _ value: Double?) {
        guard let value else { return }
        begin(name, .gauge, help)
        sample(name, [], value)
    }

    private mutating func summary(_ name: String, _ help: String, _ latencies: LatencySummary) {
        begin(name, .summary, help)
        for (quantile, value) in [("0.5", latencies.median), ("0.99", latencies.p99), ("1.0", latencies.longest)] {
            if let value { sample(name, [("quantile", quantile)], value / 1e6) }
        }
        sample(name + "_sum", [], Self.seconds(latencies.sum))
        sample(name + "_count", [], latencies.count)
    }

    private var kinds: [String: Kind] = [:]

    /// The family of an OpenMetrics counter is named without `_total`.
    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        kinds[name] = kind
        let suffix = kind == .counter && form == .prometheus ? "_total" : ""
        buffer.append("# HELP streamctl_\(name)\(suffix) \(help)\n")
        buffer.append("# TYPE streamctl_\(name)\(suffix) \(kind.rawValue)\n")
    }

    private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Int) {
        begin(sample: name, labels)
        buffer.append(integer: Int64(value))
        buffer.append(UInt8(ascii: "\n"))
    }

    private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        begin(sample: name, labels)
        buffer.append(double: value)
        buffer.append(UInt8(ascii: "\n"))
    }

    private mutating func begin(sample name: String, _ labels: [(String, String)]) {
        buffer.append("streamctl_\(name)\(kinds[name] == .counter ? "_total" : "")")
        for (number, label) in labels.enumerated() {
            buffer.append(number == 0 ? "{" : ",")
            buffer.append("\(label.0)=\"\(Self.escaped(label.1))\"")
        }
        buffer.append(labels.isEmpty ? " " : "} ")
    }

    /// The value of a label: backslash, quote and newline are escaped.
    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
