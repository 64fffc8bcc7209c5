import Plan
import StreamEngine
import Testing

@testable import Command

@Suite("Arguments") struct ArgumentTests {
    @Test(
        "joined short flags and bundles are taken apart",
        arguments: [
            ("-w1m", ["tumbling=1m"]),
            ("-w=1m", ["tumbling=1m"]),
            ("-gname=field", ["by=name=field"]),
            ("-vw1m", ["verbose", "tumbling=1m"]),
            ("-vqw 1m", ["verbose", "quiet", "tumbling=1m"]),
            ("--tumbling=1m", ["tumbling=1m"]),
            ("--let=a=b=c", ["let=a=b=c"]),
            ("--where=", ["where="]),
            ("--where -x>5", ["where=-x>5"]),
            ("-t=--count", ["time=--count"]),
            ("- a", ["<-", "<a"]),
            ("--strict -- -w1m --count", ["strict", "<-w1m", "<--count"]),
            ("a -g b c --by=d -- e", ["by=b", "by=d", "<a", "<c", "<e"]),
        ])
    func forms(_ line: String, _ expected: [String]) throws {
        let arguments = try ArgumentReader(words(line)).arguments
        let flags = FlagEntry.all.filter { !$0.name.isEmpty }.flatMap { flag -> [String] in
            if flag.value == nil { return arguments.given.has(flag.name) ? [flag.name] : [] }
            let values =
                flag.repeats ? arguments.given.all(flag.name) : arguments.given.value(flag.name).map { [$0] } ?? []
            return values.map { "\(flag.name)=\($0)" }
        }
        #expect(Set(flags + arguments.inputs.map { "<\($0)" }) == Set(expected))
    }

    @Test("a value may begin with a dash") func dashes() throws {
        let plan = try #require(read("-t ts -w 1d --align -8h --where '-x > 5' in.jsonl").plan)
        #expect(plan.query.filter?.text == "-x > 5")
        #expect(plan.query.window == .tumbling(size: 86_400_000_000, align: -28_800_000_000))
    }

    @Test("behind -- everything is an input") func terminator() throws {
        #expect(try #require(read("-- -w --count").plan).files == ["-w", "--count"])
    }

    @Test("without an input it is standard input") func standardInput() throws {
        #expect(try #require(read("--strict").plan).files == ["-"])
        #expect(try #require(read("a - b").plan).files == ["a", "-", "b"])
        #expect(try #require(read("demo:sensors?records=5").plan).input.names == ["demo:sensors?records=5"])
    }

    @Test("an empty command line on a terminal is answered with the short help, any other with what is missing")
    func terminal() throws {
        #expect(read([], terminal: true).error == Help.short)
        #expect(try #require(read(["-g", "a"], terminal: true).error).contains("no INPUT is named"))
        #expect(try #require(read(["--fields"], terminal: true).error).contains("no INPUT is named"))
        #expect(read(["-"], terminal: true).plan != nil)
        #expect(read(["--explain"], terminal: true).plan != nil)
    }

    @Test(
        "on a terminal without an input, a mistake is shown",
        arguments: [
            (["-f", "app.jsonl"], "--format 'app.jsonl'"), (["-w", "5"], "--tumbling 5"),
            (["--where", "a ==="], "--where"), (["-w", "1h", "--session", "5m"], "cannot be combined"),
            (["-g", "a,,b"], "--by"), (["--quantile", "ms"], "--quantile"), (["--select", "a,a"], "two columns"),
        ])
    func terminalMistakes(_ arguments: [String], _ part: String) throws {
        let text = try #require(read(arguments, terminal: true).error)
        // A caret line may follow, not the help.
        #expect(text.contains(part) && text.filter { $0 == "\n" }.count <= 3)
    }

    @Test(
        "help and version win over everything, also over mistakes",
        arguments: [
            (["--tumbling", "0s", "-h"], Help.short), (["--bogus", "--help"], Help.full), (["-vV"], "version"),
            (["a", "--version", "-h"], "version"), (["--limit", "5", "-h"], Help.short),
        ])
    func answers(_ arguments: [String], _ expected: String) throws {
        guard case .printed(let text) = read(arguments) else {
            Issue.record("nothing was printed")
            return
        }
        #expect(text == expected)
    }

    @Test("the order of aggregates is that of the command line") func order() throws {
        let line = "f --max b --avg a -a 'n=count(),sum(c)' --count --max a --top 3:p --quantile 0.5:a --avg=z"
        let names = try #require(read(line).plan).query.aggregates.map(\.name)
        #expect(names == ["max_b", "avg_a", "n", "sum_c", "count", "max_a", "top_p", "p50_a", "avg_z"])
    }

    @Test("every flag of the table has a property in the arguments, and each property has a flag") func properties()
        throws
    {
        let flags = FlagEntry.all.filter { $0.section != .aggregates && !Self.answers.contains($0.name) }
        // Values that look like flags must not be taken for some.
        let words = flags.flatMap { $0.value == nil ? [$0.display] : ["\($0.display)=--fill"] } + ["input"]
        guard case .plan(let parsed) = try Request.parse(words) else {
            Issue.record("no plan")
            return
        }
        let arguments = parsed.flags
        #expect(arguments.inputs == ["input"])
        let single: [String?] = [
            arguments.input.inputFormat, arguments.input.columns, arguments.input.delimiter, arguments.input.regex,
            arguments.input.unmatched, arguments.input.recordStart, arguments.input.onGap, arguments.input.maxRecords,
            arguments.input.maxLine,
            arguments.input.decompress, arguments.input.rejects,
            arguments.time.time,
            arguments.time.timeFormat, arguments.time.watermark, arguments.time.lateness, arguments.time.idle,
            arguments.time.maxAhead, arguments.time.timeZone, arguments.time.year, arguments.windows.tumbling,
            arguments.windows.hopping,
            arguments.windows.cumulative, arguments.windows.session, arguments.windows.rows,
            arguments.windows.calendar, arguments.windows.every, arguments.windows.align,
            arguments.expressions.within, arguments.expressions.having, arguments.expressions.select,
            arguments.output.output,
            arguments.output.format, arguments.output.digits, arguments.output.table, arguments.output.mode,
            arguments.output.key, arguments.output.delete, arguments.output.ifNewer,
            arguments.output.sort, arguments.output.limit, arguments.output.rank, arguments.output.early,
            arguments.delivery.job, arguments.delivery.stateDir,
            arguments.delivery.lookupChanged, arguments.delivery.commitEvery, arguments.delivery.reset,
            arguments.other.jobs, arguments.other.maxGroups,
            arguments.other.maxState, arguments.reporting.stats, arguments.reporting.generate,
            arguments.reporting.logFormat,
        ]
        let repeated = [
            arguments.input.each, arguments.input.unwrap, arguments.input.rotated, arguments.input.kafkaOption,
            arguments.grouping.by,
            arguments.expressions.lookups, arguments.expressions.filters, arguments.expressions.lets,
            arguments.expressions.dedup, arguments.output.headers, arguments.reporting.metrics,
            arguments.reporting.types,
        ]
        let switches = [
            arguments.input.noHeader, arguments.input.follow, arguments.input.fromEnd, arguments.input.strict,
            arguments.output.create, arguments.output.fill,
            arguments.output.fillAll,
            arguments.output.punctuate,
            arguments.delivery.takeover, arguments.reporting.verbose, arguments.reporting.quiet,
            arguments.reporting.progress, arguments.reporting.noProgress,
            arguments.reporting.live, arguments.reporting.noLive,
            arguments.reporting.metricsResults,
            arguments.reporting.explain, arguments.reporting.fields,
        ]
        #expect(single.allSatisfy { $0 == "--fill" } && repeated.allSatisfy { $0 == ["--fill"] })
        #expect(switches.allSatisfy { $0 })
        #expect(single.count + repeated.count + switches.count == flags.count)
    }

    /// Flags that print something instead of making a plan.
    private static let answers: Set<String> = ["", "then", "help", "version", "list-jobs", "completions", "complete"]

    @Test("aggregate flags are read in their order, whatever their values look like") func aggregateFlags() throws {
        let flags = FlagEntry.visible.filter { $0.section == .aggregates }
        let reader = try ArgumentReader(flags.flatMap { $0.value == nil ? [$0.display] : ["\($0.display)=--fill"] })
        #expect(reader.aggregates.map(\.flag) == flags.map(\.name))
        #expect(reader.aggregates.map(\.value) == flags.map { $0.value == nil ? "" : "--fill" })
    }
}
