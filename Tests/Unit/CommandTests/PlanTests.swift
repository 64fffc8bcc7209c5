import Plan
import StreamEngine
import Testing

@testable import Command

@Suite("Plans") struct PlanTests {
    private let second: Int64 = 1_000_000

    private func query(_ line: String, live: Bool = false) throws -> Query {
        let outcome = read(line, live: live)
        return try #require(outcome.plan, "\(outcome.error ?? "")").query
    }

    @Test(
        "windows",
        arguments: [
            ("f", .all),
            ("f -t ts -w 1m", .tumbling(size: 60_000_000, align: 0)),
            ("f -t ts -w PT5M --align 90s", .tumbling(size: 300_000_000, align: 90_000_000)),
            ("f -t ts --hopping 1m --every 10s", .hopping(size: 60_000_000, step: 10_000_000, align: 0)),
            ("f -t ts --hopping 10s --every 1m", .hopping(size: 10_000_000, step: 60_000_000, align: 0)),
            ("f -t ts --cumulative 1m --every 10s", .cumulative(max: 60_000_000, step: 10_000_000, align: 0)),
            ("f -t ts --session 30s", .session(gap: 30_000_000)),
            ("f --rows 10", .rows(count: 10, every: 10)),
            ("f --rows 10 --every 3", .rows(count: 10, every: 3)),
            ("f -t ts --calendar quarter --align 6h", .calendar(.quarter, align: 21_600_000_000)),
        ] as [(String, WindowSpec)])
    func windows(_ line: String, _ window: WindowSpec) throws {
        #expect(try query(line).window == window)
    }

    @Test("a file loses nothing: no watermark, no idle time, no limit ahead") func boundedDefaults() throws {
        let query = try query("f -t ts -w 1m")
        #expect(query.watermarkDelay == nil && query.idle == nil && query.maxAhead == nil && query.lateness == 0)
    }

    @Test("live input waits 5 s, goes on after 10 s and takes nothing an hour ahead") func liveDefaults() throws {
        let query = try query("-t ts -w 1m", live: true)
        #expect(query.watermarkDelay == 5 * second && query.idle == 10 * second && query.maxAhead == 3600 * second)
    }

    @Test("live windows without --time are over the arrival, which is never late") func arrival() throws {
        for line in ["-w 1m", "-w 1m -t @arrival", "-t @arrival --count"] {
            let query = try query(line, live: true)
            guard case .arrival = query.time else {
                Issue.record("\(line): not @arrival")
                continue
            }
            #expect(query.watermarkDelay == 0 && query.idle == 0 && query.maxAhead == nil)
        }
    }

    @Test("the first file that shows the format of followed names is asked for once: it may be removed meanwhile")
    func sampleOfFollowed() throws {
        var asked: [String] = []
        let line = ["-F", "gone.log", "-F", "app.log", "-F", "other.log", "-w", "1m", "--count"]
        let outcome = read(line) { name in
            defer { asked.append(name) }
            return name == "app.log" && !asked.contains(name) ? "access.log" : nil
        }
        let plan = try #require(outcome.plan, "\(outcome.error ?? "")")
        #expect(asked == ["gone.log", "app.log"])
        #expect(plan.query.time != nil)
    }

    @Test("without windows of time no time is needed") func noTime() throws {
        for line in ["f --count", "f --rows 5", "f -g a", "f --where a"] {
            let plan = try query(line, live: true)
            #expect(plan.time == nil && plan.watermarkDelay == nil && plan.idle == nil)
        }
    }

    @Test("none and off turn things off") func words() throws {
        let none = try query("-t ts -w 1m -W none --max-ahead off", live: true)
        #expect(none.watermarkDelay == nil && none.idle == nil && none.maxAhead == nil)
        let off = try query("-t ts -w 1m -W 0s --idle off", live: true)
        #expect(off.watermarkDelay == 0 && off.idle == nil)
    }

    @Test("given durations count for files too") func given() throws {
        let query = try query("f -t ts -w 1m -W 2s --lateness 3s --idle 4s --max-ahead 6s")
        #expect(query.watermarkDelay == 2 * second && query.lateness == 3 * second)
        #expect(query.idle == 4 * second && query.maxAhead == 6 * second)
    }

    @Test("a field named like metadata is a field") func atNames() throws {
        guard case .field(let field, .auto) = try query("f -t @timestamp -w 1m").time else {
            Issue.record("not a field")
            return
        }
        #expect(field.text == "@timestamp")
    }

    @Test("windows or --by without an aggregate count") func impliedCount() throws {
        for line in ["f -t ts -w 1m", "f -g a", "f --rows 3"] {
            #expect(try query(line).aggregates.map(\.name) == ["count"])
        }
        #expect(try query("f").passesThrough)
        #expect(try query("f --let a=b --select a -f csv").passesThrough)
        #expect(try query("f -g a --having 'count > 1'").having?.text == "count > 1")
    }

    @Test(
        "default names",
        arguments: [
            ("--count", "count"), ("--avg ms", "avg_ms"), ("--avg a.b.c", "avg_a.b.c"), ("--sum a[0]", "sum_a[0]"),
            ("--avg '\"odd name\"'", "avg_odd name"), ("--avg mean=ms", "mean"), ("--top 3:path", "top_path"),
            ("--top best=3:path", "best"), ("--quantile 0.99:ms", "p99_ms"), ("--quantile 0.5:ms", "p50_ms"),
            ("--quantile .999:ms", "p999_ms"), ("--quantile 0.05:ms", "p5_ms"), ("--quantile 0.005:ms", "p005_ms"),
            ("--quantile 0.975:ms", "p975_ms"), ("--quantile 0:ms", "p0_ms"), ("--quantile 1:ms", "p100_ms"),
            ("--quantile p=0.9:ms", "p"), ("--median ms", "median_ms"), ("--distinct ip", "distinct_ip"),
            ("-a avg(ms)", "avg_ms"), ("-a count()", "count"), ("-a count(ms)", "count_ms"),
            ("-a 'quantile(ms, 0.99)'", "p99_ms"), ("-a 'top(path, 3)'", "top_path"), ("-a n=avg(a+b)", "n"),
            ("-a stddev_pop(ms)", "stddev_pop_ms"),
        ])
    func names(_ flags: String, _ name: String) throws {
        let parts = flags.split(separator: " ", maxSplits: 1).map(String.init)
        let arguments = parts.map { $0.replacing("'", with: "") }
        let outcome = read(["f"] + arguments)
        #expect(try #require(outcome.plan, "\(outcome.error ?? "")").query.aggregates.map(\.name) == [name])
    }

    @Test("names of quantiles differ wherever the ranks do") func quantileNames() throws {
        let name = try #require(AggregateFunction.quantile.parameter?.columnPrefix)
        var names: [String: Int] = [:]
        for rank in 0...10_000 { names[name(Double(rank) / 10_000), default: 0] += 1 }
        #expect(names.count == 10_001 && names.values.allSatisfy { $0 == 1 })
    }

    @Test("columns stand in the order keys, window, aggregates") func columns() throws {
        let line = "f -t ts -w 1m --max b -g k,short=a.b -g c --count --lateness 1m --early 1s"
        #expect(
            try query(line).resultColumns == [
                "k", "short", "c", "window_start", "window_end", "max_b", "count", "final", "revision",
            ])
        #expect(try query("f -g k --count").resultColumns == ["k", "count"])
    }

    @Test("a column computed from aggregates stands where it was given; what it uses is no column")
    func computedColumns() throws {
        let query = try query(
            "f -g k --max b -a 'rate=count_if(s >= 500) / count(), n=count()' --avg b --having 'avg(b) > sum(c)'")
        #expect(query.resultColumns == ["k", "max_b", "rate", "n", "avg_b"])
        #expect(query.aggregates.map(\.name) == ["max_b", "n", "avg_b", "count_if(s >= 500)", "sum(c)"])
        #expect(try self.query("f -a 'r=n/2' -g n").resultColumns == ["n", "r"])
        #expect(try self.query("f -a 'r=n/2' -g n").passesThrough == false)
    }

    @Test("a table knows the kind of computed columns")
    func computedContents() throws {
        let line =
            "f -g k -a 'rate=count_if(s >= 500) / count(), busy=count() > 5, n=count() + 1, x=max(a)' "
            + "--select k,rate,busy,n,x,late=n>2 -o postgresql:///db --table t"
        let table = try #require(read(line).plan?.table)
        #expect(table.columns.map(\.content) == [.unknown, .double, .boolean, .number, .unknown, .boolean])
    }

    @Test("a key may be an expression, and a dash belongs to a name if there are no blanks around it")
    func computedKeys() throws {
        let keys = try query("f -g 'h=hour(ts),a-b,c=d-e,f=g - h,p=split(path, \"/\", 1)'").groupKeys
        #expect(keys.map(\.name) == ["h", "a-b", "c", "f", "p"])
        #expect(keys.map(\.field?.text) == [nil, "a-b", "d-e", nil, nil])
        #expect(keys.map(\.expression.text) == ["hour(ts)", "a-b", "d-e", "g - h", "split(path, \"/\", 1)"])
    }

    @Test("several quantiles give several columns")
    func quantileList() throws {
        #expect(try query("f --quantile 0.5,0.9,0.999:ms").resultColumns == ["p50_ms", "p90_ms", "p999_ms"])
    }

    @Test("having and select may use the columns, also those with dots") func resultColumns() throws {
        #expect(throws: Never.self) {
            try query("f -t ts -w 1m -g a.b --avg c.d --having 'avg_c.d > 1' --select a.b,s=window_start")
        }
        #expect(throws: Never.self) { try query("f --sum '\"odd name\"' --having '\"sum_odd name\" > 1'") }
    }

    @Test("several --where hold together") func filters() throws {
        let filter = try query("f --where 'a || b' --where c").filter
        #expect(filter?.fields.map(\.text) == ["a", "b", "c"])
        #expect(filter?.text == "(a || b) && (c)")
    }

    @Test("the zone is looked up, UTC is not") func zone() throws {
        #expect(try query("f -t ts --calendar day --time-zone Test/Zone").zone.name == "Test/Zone")
        #expect(try query("f -t ts --calendar day --time-zone UTC").zone.name == "UTC")
        #expect(try query("f -t ts --calendar day --time-zone +02:00").zone.name == "+02:00")
        #expect(try query("f -t ts --year 2025").year == 2025)
    }

    @Test("days and weeks are those of the time zone, other lengths are fixed") func localDays() throws {
        let day = 24 * Microseconds.hour
        for zone in ["Test/Zone", "+01:00"] {
            #expect(try query("f -t ts -w 1d --time-zone \(zone)").window == .calendar(.day, align: 0))
            #expect(try query("f -t ts -w 24h --time-zone \(zone)").window == .calendar(.day, align: 0))
            #expect(try query("f -t ts -w 7d --time-zone \(zone)").window == .calendar(.week, align: 0))
            let shifted = try query("f -t ts -w 1d --align 6h --time-zone \(zone)").window
            #expect(shifted == .calendar(.day, align: 6 * Microseconds.hour))
            #expect(try query("f -t ts -w 2d --time-zone \(zone)").window == .tumbling(size: 2 * day, align: 0))
            #expect(try query("f -t ts -w 12h --time-zone \(zone)").window == .tumbling(size: day / 2, align: 0))
        }
        for zone in ["UTC", "+00:00"] {
            #expect(try query("f -t ts -w 1d --time-zone \(zone)").window == .tumbling(size: day, align: 0))
        }
        #expect(try query("f -t ts -w 1d").window == .tumbling(size: day, align: 0))
    }

    @Test("all windows can be filled, also with lateness and control lines") func filled() throws {
        #expect(try query("f -t ts -w 1m --fill").fill == .gaps)
        #expect(try query("f -t ts -w 1m --fill-all").fill == .all)
        #expect(try query("f -t ts -w 1m --fill --fill-all").fill == .all)
        #expect(try query("f -t ts --calendar day --fill-all --lateness 1h --punctuate").fill == .all)
    }

    @Test("sizes are powers of 1024") func sizes() throws {
        for (text, size) in [("500", 500), ("64K", 65_536), ("2M", 2 << 20), ("1G", 1 << 30)] {
            #expect(try query("f --max-line \(text)").maxLine == size)
        }
        #expect(try query("f").maxLine == 1 << 20)
    }

    @Test("the text of a group may have fields that the pattern does not name") func textOfGroup() throws {
        #expect(read("f --regex '(?<text>.+)' --unwrap text -g level --count").plan != nil)
        #expect(read("f --regex '(?<text>.+)' -g level --count").error?.contains("'level' is not a field") == true)
    }

    @Test("the rest of the plan") func rest() throws {
        let plan = try #require(read("a b -o out --rejects r --strict -j 3 -q -n 7 -f csv --count").plan)
        #expect(plan.files == ["a", "b"] && plan.output.path == "out" && plan.rejects == "r")
        #expect(plan.strict && plan.jobs == 3 && plan.verbosity == .quiet && plan.query.maxRecords == 7)
        #expect(plan.query.format == .csv && !plan.explain)
        let bare = try #require(read("f").plan)
        #expect(bare.output.path == "-" && bare.jobs == nil && bare.verbosity == .normal && !bare.strict)
    }
}
