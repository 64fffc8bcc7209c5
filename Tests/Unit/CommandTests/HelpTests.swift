import Foundation
import StreamEngine
import Plan
import Testing

@testable import Command

@Suite("Flags, help and manual agree") struct HelpTests {
    @Test("the short help is one screen of common flags with examples") func short() {
        let lines = Help.short.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(lines.count <= 40)
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(Help.short.contains("streamctl demo:sensors -t event_time -w 1h -g sensor_id --avg temperature"))
        for flag in FlagEntry.visible where flag.isCommon && !flag.name.isEmpty {
            #expect(Help.short.contains(flag.display + " ") || Help.short.contains(flag.display + "\n"))
        }
    }

    @Test("the examples of the short help are valid") func shortExamples() {
        for line in Help.short.split(separator: "\n") where line.hasPrefix("  ") {
            guard let start = line.range(of: "streamctl ") else { continue }
            let outcome = read(words(String(line[start.upperBound...])), live: line.contains("tail -F"))
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
        for reason in RejectReason.allCases { #expect(manual.contains("\n.It Cm \(reason.rawValue)\n")) }
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
            let plain = line.dropFirst(2).replacing("\\(aq", with: "'").replacing("\\-", with: "-")
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
