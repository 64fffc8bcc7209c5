import Plan
import StreamEngine

extension RunStatistics {
    /// One JSON object on one line, without its newline. `--stats` in the manual lists the members.
    ///
    /// - Parameter status: the exit status; nil while the run goes on.
    func json(status: Int32?) -> String {
        var object = ObjectWriter()
        object.add("time", time: time)
        object.add("seconds", seconds: elapsed)
        object.add("records", records)
        object.add("bytes", bytes)
        object.add("in_windows", inWindow)
        object.add("in_no_window", inNoWindow)
        object.add("filtered", filtered)
        object.add("late", late)
        object.add("worst_delay_seconds", seconds: worstDelay)
        object.add("missed_windows", missedWindows)
        object.add("duplicates", duplicates)
        object.add("without_key", withoutKey)
        object.add("tombstones", tombstones)
        object.add("reread", reread)
        object.add("rejected") { $0.addAll(rejected.map { ($0.reason.rawValue, $0.count) }) }
        object.add("skipped_values") { $0.addAll(skipped) }
        if !tables.isEmpty {
            object.add("lookups", tables) { table, object in
                object.add("table", table.name)
                object.add("rows", table.rows)
                object.add("misses", table.misses)
                if let reloads = table.reloads {
                    object.add("reloads", reloads.reloads)
                    object.add("failed_reloads", reloads.failures)
                }
                if let fetched = table.fetched {
                    object.add("fetched_keys", fetched.keys)
                    object.add("fetches", fetched.fetches)
                }
            }
        }
        object.add("rows", rows)
        object.add("refused_rows", refused)
        object.add("processing_seconds") { $0.add(delivery.processing) }
        object.add("commit_seconds") { $0.add(delivery.commits) }
        object.add("reconnects", delivery.reconnects)
        object.add("open_windows", open.windows)
        object.add("open_groups", open.groups)
        object.add("state_bytes", open.bytes)
        object.add("memory_bytes", memory)
        object.add("processor_seconds", seconds: processorTime)
        object.add("watermark", time: watermark)
        object.add("latest_time", time: latestEventTime)
        object.add("lag_seconds", seconds: latestEventTime.map { time - $0 })
        object.add("inputs", partitions) { partition, object in
            object.add("name", partition.name)
            object.add("position", partition.position)
            object.add("end", partition.end)
            object.add("lag", partition.lag)
            object.add("watermark", time: partition.watermark)
            object.add("idle", partition.isIdle)
        }
        object.add("rotations", fileChanges?.rotations)
        object.add("truncations", fileChanges?.truncations)
        object.add("read_share", share: share)
        object.add("replay_share", share: replayed)
        object.add("status", status.map(Int.init))
        return object.finish()
    }
}

/// Writes a JSON object member by member.
struct ObjectWriter: ~Copyable {
    private var buffer = ByteBuffer(capacity: 512)
    private var isEmpty = true

    init() { buffer.append(UInt8(ascii: "{")) }

    mutating func add(_ name: String, _ number: Int?) {
        begin(name)
        if let number { buffer.append(integer: Int64(number)) } else { addNull() }
    }

    mutating func add(_ name: String, _ text: String) {
        begin(name)
        buffer.append(quotedName: text)
    }

    mutating func add(_ name: String, _ isTrue: Bool) {
        begin(name)
        buffer.append(isTrue ? "true" : "false" as StaticString)
    }

    /// - Parameter seconds: microseconds, which are written as seconds.
    mutating func add(_ name: String, seconds: Int64?) {
        begin(name)
        if let seconds { buffer.append(double: Double(seconds) / 1e6) } else { addNull() }
    }

    /// - Parameter time: microseconds since 1970.
    mutating func add(_ name: String, time: Int64?) {
        begin(name)
        guard let time else { return addNull() }
        buffer.append(UInt8(ascii: "\""))
        buffer.append(time: time)
        buffer.append(UInt8(ascii: "\""))
    }

    mutating func add(_ latencies: LatencySummary) {
        add("count", latencies.count)
        add("p50", seconds: latencies.median.map { Int64($0) })
        add("p99", seconds: latencies.p99.map { Int64($0) })
        add("max", seconds: latencies.longest.map { Int64($0) })
    }

    mutating func add(_ name: String, share: Double?) {
        begin(name)
        if let share { buffer.append(double: (share * 1e4).rounded() / 1e4) } else { addNull() }
    }

    mutating func add(_ name: String, _ body: (inout ObjectWriter) -> Void) {
        begin(name)
        append(body)
    }

    mutating func add<Item>(_ name: String, _ items: [Item], _ body: (Item, inout ObjectWriter) -> Void) {
        begin(name)
        buffer.append(UInt8(ascii: "["))
        for (number, item) in items.enumerated() {
            if number > 0 { buffer.append(UInt8(ascii: ",")) }
            append { body(item, &$0) }
        }
        buffer.append(UInt8(ascii: "]"))
    }

    mutating func addAll(_ counts: [(name: String, count: Int)]) {
        for (name, count) in counts { add(name, count) }
    }

    /// Ends the object.
    mutating func finish() -> String {
        buffer.append(UInt8(ascii: "}"))
        return buffer.text
    }

    private mutating func append(_ body: (inout ObjectWriter) -> Void) {
        var object = ObjectWriter()
        body(&object)
        buffer.append(object.finish())
    }

    private mutating func addNull() { buffer.append("null" as StaticString) }

    private mutating func begin(_ name: String) {
        if !isEmpty { buffer.append(UInt8(ascii: ",")) }
        isEmpty = false
        buffer.append(quotedName: name)
        buffer.append(UInt8(ascii: ":"))
    }
}
