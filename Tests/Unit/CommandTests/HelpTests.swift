import Foundation
import StreamEngine
import Plan
import Testing

@testable import Command

@Suite("Flags, help and manual agree") struct HelpTests {
    @Test("the short help fits a terminal of 24 lines and 80 columns, with common flags and examples") func short() {
        let lines = Help.short.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        // The prompt takes the last line.
        #expect(lines.count <= 23)
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(Help.short.contains("streamctl demo:sensors -t event_time -w 1h -g sensor_id --avg temperature"))
        for flag in FlagEntry.visible where flag.isCommon && !flag.name.isEmpty {
            #expect(Help.short.contains(flag.display), "\(flag.display)")
        }
    }

    @Test("the short help names no flag that does not exist, and each short flag with its name") func shortFlags() {
        let page = Help.short.replacing("|", with: " ").split(separator: "\n").filter {
            !$0.hasPrefix("  streamctl")
        }
        for line in page {
            for word in line.split(whereSeparator: { " ,'(".contains($0) }) where word.hasPrefix("-") && word != "-" {
                let name = word.drop { $0 == "-" }.prefix { $0.isLetter || $0 == "-" }
                let flag = word.hasPrefix("--") ? FlagEntry.named(name) : name.first.flatMap { FlagEntry.short($0) }
                #expect(flag != nil, "\(word)")
            }
        }
        for flag in FlagEntry.visible where flag.isCommon && flag.short != nil && !flag.name.isEmpty {
            #expect(Help.short.contains("-\(flag.shortText), \(flag.display)"), "\(flag.display)")
        }
    }

    @Test("the examples of the short help are valid") func shortExamples() {
        for line in Help.short.split(separator: "\n") where line.hasPrefix("  ") {
            guard let start = line.range(of: "streamctl ") else { continue }
            let outcome = read(words(String(line[start.upperBound...])), live: false)
            #expect(outcome.plan != nil, "\(outcome.error ?? "")")
        }
    }

    @Test("the full help has every flag under its title, with its default, in 80 columns") func full() throws {
        let text = Help.full
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
        var rest = text[...]
        for section in FlagEntry.Section.allCases {
            rest = rest[try #require(rest.range(of: "\n\(section.rawValue):\n")).upperBound...]
            for flag in FlagEntry.visible where flag.section == section && !flag.name.isEmpty {
                rest = rest[try #require(rest.range(of: flag.display), "\(flag.display)").upperBound...]
            }
        }
        let joined = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).joined(separator: " ")
        for value in FlagEntry.visible.compactMap(\.defaultText) { #expect(joined.contains("[\(value)]")) }
        for function in AggregateFunction.all { #expect(joined.contains(function.name)) }
    }

    // MARK: Topics

    @Test("each topic has a page in 80 columns, under each of its names") func topics() throws {
        for topic in HelpTopic.all {
            for name in [topic.name] + topic.others {
                let outcome = read(["--help", name])
                guard case .printed(let page) = outcome else {
                    Issue.record("\(name): \(outcome.error ?? "")")
                    continue
                }
                if FlagEntry.named(name) == nil { #expect(page == topic.page, "\(name)") }
            }
            let lines = topic.page.split(separator: "\n").filter { !$0.hasPrefix("  streamctl") }
            for line in lines { #expect(line.count <= 80, "\(topic.name): \(line)") }
            #expect(Help.full.contains(topic.name), "\(topic.name)")
            #expect(!topic.page.contains("  \n"), "\(topic.name)")
        }
        let names = HelpTopic.all.flatMap { [$0.name] + $0.others }
        #expect(Set(names).count == names.count)
    }

    @Test("every flag belongs to a topic") func topicFlags() {
        for flag in FlagEntry.visible where !flag.name.isEmpty {
            #expect(HelpTopic.all.contains { $0.page.contains(flag.display) }, "\(flag.display)")
        }
    }

    @Test("the examples of topics are valid, and the manual runs them") func topicExamples() throws {
        let manual = try #require(Self.manual).replacing("\\(aq", with: "'").replacing("\\(ha", with: "^")
            .replacing("\\(ti", with: "~").replacing("\\-", with: "-").replacing("\\e", with: "\\").split(
                separator: "\n")
        for topic in HelpTopic.all {
            #expect(!topic.examples.isEmpty)
            for example in topic.examples {
                let text = String(example.split(separator: " | ")[0].dropFirst("streamctl ".count))
                if case .refused(let error) = read(words(text)) { Issue.record("\(example): \(error.text)") }
                #expect(manual.contains { $0 == "$ " + example }, "$ \(example)")
            }
        }
    }

    @Test("every function has an example, and its entry under its name") func functions() throws {
        for function in ExpressionFunction.allCases {
            #expect(Help.expressionFunctions().contains("  \(function.help.usage)\n"))
        }
        for function in AggregateFunction.all {
            #expect(Help.aggregateFunctions().contains("  \(function.usage)\n"))
        }
        for (name, example) in AggregateExamples.all {
            #expect(AggregateFunction.named(name) != nil, "\(name)")
            #expect(read(["f", "-t", "ts", "-a", example]).plan != nil, "\(example)")
            #expect(example.contains(name + "("))
        }
        #expect(AggregateFunction.all.allSatisfy { AggregateExamples.all[$0.name] != nil })
    }

    @Test(
        "a flag, a function and a word of another tool are explained",
        arguments: [
            ("tumbling", "-w, --tumbling SIZE"), ("--tumbling", "-w, --tumbling SIZE"), ("-w", "-w, --tumbling SIZE"),
            ("substr", "substr(s, start[, len])"), ("variance", "variance(x)"), ("avg", "--avg [NAME=]FIELD"),
            ("window", "Windows"), ("group-by", "--by [NAME=]FIELD"), ("count_if", "count_if(condition)"),
            ("p99", "--quantile"),
            ("time-zone", "--time-zone ZONE"), ("Functions", "Functions of expressions"),
        ])
    func entries(_ word: String, _ part: String) throws {
        guard case .printed(let text) = read(["--help", word]) else {
            Issue.record("\(word) is refused")
            return
        }
        #expect(text.contains(part), "\(text)")
    }

    @Test(
        "an unknown topic is refused with near ones or with the list",
        arguments: [("functoins", "did you mean 'functions'?"), ("xyzzy", "use one of inputs, formats")])
    func unknownTopic(_ word: String, _ part: String) throws {
        #expect(try #require(read(["--help", word]).error).contains(part))
        #expect(try #require(read(["--help=\(word)"]).error).contains(part))
    }

    @Test("every flag has a text, and no name is there twice") func unique() {
        let names = FlagEntry.all.flatMap { [$0.name, $0.shortText] }.filter { !$0.isEmpty }
        #expect(Set(names).count == names.count)
        #expect(FlagEntry.all.allSatisfy { !$0.help.isEmpty && !$0.help.contains("\n") })
    }

    // MARK: Manual

    private static let manual = try? String(
        contentsOf: repository.appendingPathComponent("man/streamctl.1"), encoding: .utf8)

    @Test("the manual describes the flags of the table, in its sections and order") func manualFlags() throws {
        let manual = try #require(Self.manual)
        var found: [[String]] = []
        var section = ""
        for line in manual.split(separator: "\n") {
            if line.hasPrefix(".Ss ") { section = String(line.dropFirst(4)) }
            if line.hasPrefix(".Sh ") { section = "" }
            guard line.hasPrefix(".It Fl "), FlagEntry.Section(rawValue: section) != nil else { continue }
            let words = line.dropFirst(".It Fl ".count).replacing(" , Fl ", with: " ").split(separator: " ")
            let names = words.prefix { $0 != "Ar" }
            let short = names.first { !$0.hasPrefix("-") } ?? ""
            let long = names.first { $0.hasPrefix("-") }?.dropFirst() ?? ""
            let value = words.drop { $0 != "Ar" }.dropFirst().joined(separator: " ")
            found.append([section, String(short), String(long), value])
        }
        let expected = FlagEntry.visible.map { [$0.section.rawValue, $0.shortText, $0.name, $0.value ?? ""] }
        #expect(found == expected)
    }

    @Test("the manual names every default, function, metadata field, reject reason and exit status") func manualLists()
        throws
    {
        let manual = try #require(Self.manual)
        for value in FlagEntry.visible.compactMap(\.defaultText) {
            #expect(manual.contains("Default: \(value)."), "\(value)")
        }
        for function in AggregateFunction.all {
            #expect(manual.contains("\n.It Fn \(function.name) "), "\(function)")
        }
        let plain = manual.replacing("\\-", with: "-").replacing("\\&", with: "").replacing("\\ ", with: " ")
        for help in ExpressionFunction.allCases.map(\.help) {
            #expect(plain.contains("\n.It Ic \(help.usage)\n\(help.summary)\n"), "\(help.usage)")
        }
        for field in SourceColumn.allCases { #expect(manual.contains("\n.It Cm \(field.rawValue)\n")) }
        // Tombstones are counted apart and never among the rejects.
        for reason in RejectReason.allCases where reason != .noValue {
            #expect(manual.contains("\n.It Cm \(reason.rawValue)\n"))
        }
        for status in ExitStatus.allCases { #expect(manual.contains("\n.It \(status.rawValue)\n")) }
    }

    @Test("mandoc has nothing to say about the manual", .enabled(if: program("mandoc") != nil))
    func lint() throws {
        let path = repository.appendingPathComponent("man/streamctl.1").path
        let result = try output(of: try #require(program("mandoc")), ["-Tlint", "-Wwarning", path])
        #expect(result.text.isEmpty && result.status == 0)
    }

    @Test("the command lines of the manual are valid") func manualExamples() throws {
        let manual = try #require(Self.manual)
        var count = 0
        for line in manual.split(separator: "\n") where line.hasPrefix("$ ") {
            let plain = line.dropFirst(2).replacing("\\(aq", with: "'").replacing("\\(ha", with: "^")
                .replacing("\\(ti", with: "~").replacing("\\-", with: "-")
                .replacing("\\e", with: "\\")
            for stage in plain.split(separator: "|").map({ $0.drop { $0 == " " } }) where stage.hasPrefix("streamctl") {
                let text = String(stage.dropFirst("streamctl ".count)).replacing(" 2>&1", with: "")
                let outcome = read(words(text), live: plain.contains("|"))
                if case .refused(let error) = outcome { Issue.record("\(plain): \(error.text)") }
                count += 1
            }
        }
        #expect(count >= 10)
    }
}
