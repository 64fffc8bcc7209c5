import Plan
import StreamEngine
import Testing

@testable import Command

@Suite("Arguments") struct ArgumentTests {
    @Test(
        "joined short flags and bundles are taken apart",
        arguments: [
            (["-w1m"], ["--tumbling", "1m"]),
            (["-w=1m"], ["--tumbling", "1m"]),
            (["-gname=field"], ["--by", "name=field"]),
            (["-vw1m"], ["--verbose", "--tumbling", "1m"]),
            (["-vqw", "1m"], ["--verbose", "--quiet", "--tumbling", "1m"]),
            (["--tumbling=1m"], ["--tumbling", "1m"]),
            (["--let=a=b=c"], ["--let", "a=b=c"]),
            (["--where="], ["--where", ""]),
            (["--where", "-x > 5"], ["--where", "-x > 5"]),
            (["-t", "--count"], ["--time", "--count"]),
            (["-", "a"], ["-", "a"]),
            (["--strict", "--", "-w1m", "--count"], ["--strict", "--", "-w1m", "--count"]),
        ])
    func normalize(_ arguments: [String], _ expected: [String]) throws {
        #expect(try ArgumentNormalizer(arguments).arguments == expected)
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

    @Test("no input and a terminal is answered with the short help") func terminal() {
        #expect(read([], terminal: true).error == Help.short)
        #expect(read(["-w", "1m"], terminal: true).error == Help.short)
        #expect(read(["-"], terminal: true).plan != nil)
        #expect(read(["--explain"], terminal: true).plan != nil)
    }

    @Test(
        "help and version win over everything, also over mistakes",
        arguments: [
            (["--tumbling", "0s", "-h"], Help.short), (["--bogus", "--help"], Help.full), (["-vV"], Help.version),
            (["a", "--version", "-h"], Help.version),
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

    @Test("all flags together are read, each with its own value") func allFlags() throws {
        let flags = FlagEntry.visible.filter { !["", "help", "version"].contains($0.name) }
        // Values that look like flags must not be taken for some.
        let arguments = flags.flatMap { $0.value == nil ? [$0.display] : [$0.display, "--fill"] } + ["input"]
        guard case .plan(let parsed) = try Request.parse(arguments) else {
            Issue.record("no plan")
            return
        }
        #expect(parsed.flags.inputs == ["input"])
        #expect(parsed.flags.time.time == "--fill" && parsed.flags.other.maxGroups == "--fill")
        #expect(parsed.aggregates.map(\.flag) == flags.filter { $0.section == .aggregates }.map(\.name))
        #expect(parsed.flags.aggregates.agg == ["--fill"] && parsed.flags.aggregates.count == 1)
    }
}
