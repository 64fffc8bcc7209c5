import Foundation
import Testing

/// Rules for the text of the sources that no compiler checks.
struct SourcesTests {
    struct File: Sendable, CustomTestStringConvertible {
        let path: String
        let text: String
        var testDescription: String { path }
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    /// The text files below a folder of the tree.
    static func files(_ folder: String) -> [File] {
        let root = Tree.root.appendingPathComponent(folder)
        let names = (FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []).sorted()
        return names.compactMap { name in
            let text = try? String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
            return text.map { File(path: "\(folder)/\(name)", text: $0) }
        }
    }

    static let sources = files("Sources").filter { $0.path.hasSuffix(".swift") }

    static func lines(_ files: [File], where isWrong: (Substring) -> Bool) -> [String] {
        files.flatMap { file in
            file.lines.enumerated().filter { isWrong($0.element) }
                .map { "\(file.path):\($0.offset + 1): \($0.element)" }
        }
    }

    @Test("there are sources to look at")
    func exist() {
        #expect(Self.sources.count > 50)
    }

    @Test("StreamEngine imports nothing but atomics and one header of inlined functions: no clock, no file, no socket")
    func engineImportsNothing() {
        let engine = Self.sources.filter { $0.path.hasPrefix("Sources/StreamEngine/") }
        #expect(!engine.isEmpty)
        let imports = /\s*(@\w+ )*(package |internal |private )?import (?!CVector$|Synchronization$).*/
        #expect(Self.lines(engine) { $0.wholeMatch(of: imports) != nil } == [])
    }

    @Test("no source imports Foundation")
    func noFoundation() {
        #expect(Self.lines(Self.sources) { $0.contains(/import .*Foundation/) } == [])
    }

    @Test("a module imports only what the architecture lets it")
    func imports() {
        let allowed: [String: Set<String>] = [
            "StreamEngine": ["CVector", "Synchronization"],
            "System": ["Glibc", "Synchronization", "CArguments", "CThreads"],
            "Plan": ["StreamEngine"],
            "Files": ["StreamEngine", "System", "Plan", "CCompression", "Glibc", "Synchronization"],
            "Postgres": ["StreamEngine", "System", "Plan", "CPostgres", "Glibc"],
            "Kafka": ["StreamEngine", "System", "Plan", "CRDKafka", "CCurl", "Glibc", "Synchronization"],
            "MockKafka": ["Kafka", "CRDKafka", "ArgumentParser", "Glibc"],
            "Command": ["StreamEngine", "Plan"], "Translate": ["StreamEngine", "Plan"],
            "streamctl": [
                "StreamEngine", "System", "Plan", "Files", "Kafka", "Postgres", "Command", "Run", "Translate",
                "CRevision", "Glibc",
            ],
            "Run": ["StreamEngine", "System", "Plan", "Files", "Glibc"],
        ]
        for file in Self.sources {
            let module = String(file.path.split(separator: "/")[1])
            let imports = file.text.matches(of: /(?m)^(?:@\w+ )*import (?:\w+ )?(\w+)/).map { String($0.1) }
            #expect(Set(imports).subtracting(allowed[module] ?? []) == [], "\(file.path)")
        }
    }

    @Test("C libraries are loaded when they are first used: nothing that is built links them")
    func noLinkedLibraries() throws {
        #expect(Self.files("Sources").filter { $0.path.hasSuffix("module.modulemap") }.count >= 3)
        let maps = Self.files("Sources").filter { $0.path.hasSuffix("module.modulemap") }
        #expect(Self.lines(maps) { $0.contains("link ") } == [])
        let package = try Tree.text("Package.swift")
        #expect(package.matches(of: /linkedLibrary\("(\w+)"\)/).map { String($0.1) } == ["m"])
        #expect(!package.contains("pkgConfig"))
    }

    @Test("a file holds one idea: 400 lines at most, the entry point under 40")
    func lengths() {
        let long = Self.sources.filter { $0.lines.count > 401 }.map { "\($0.path): \($0.lines.count)" }
        #expect(long == [])
        let main = Self.sources.first { $0.path.hasSuffix("/main.swift") }
        #expect((main?.lines.count ?? 1000) <= 40)
    }

    @Test("data cannot trap: nothing that ends the process on purpose")
    func noTraps() {
        let traps = /\bfatalError\(|\bpreconditionFailure\(|\bprecondition\(|\btry!|\bas!/
        let code = Self.lines(Self.sources) { line in
            line.contains(traps) && !line.drop { $0 == " " }.hasPrefix("//")
        }
        #expect(code == [])
    }

    @Test("nothing is left to be done, and no text names the machine it was written on")
    func words() {
        // Put together here, so that this file has none of them.
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "/wo" + "rk/", "/tmp" + "/h/"]
        let issue = /(?i)\bissue #?[0-9]/
        let all = ["Sources", "Tests", "man", "completions"].flatMap(Self.files)
            .filter { !$0.path.contains("/Cases/") && !$0.path.contains("/Golden/") }
        let readme = File(path: "README.md", text: (try? Tree.text("README.md")) ?? "")
        let found = Self.lines(all + [readme]) { line in
            // The end of a template for names that the system makes up, and the offset in a pattern of times.
            let text = line.replacing(String(repeating: "X", count: 6), with: "").replacing("SSSX" + "XX", with: "")
            return words.contains { text.contains($0) } || text.contains(issue)
        }
        #expect(found == [])
    }

    @Test("every exit status is in the manual page, and the page has no other")
    func statuses() throws {
        let source = try Tree.text("Sources/Plan/ExitStatus.swift")
        let used = Set(source.matches(of: /case \w+ = ([0-9]+)/).map { String($0.1) })
        let page = try Tree.text("man/streamctl.1")
        let start = try #require(page.range(of: ".Sh EXIT STATUS"))
        let rest = page[start.upperBound...]
        let section = rest.prefix(upTo: rest.range(of: "\n.Sh ")?.lowerBound ?? page.endIndex)
        let told = Set(section.matches(of: /(?m)^\.It ([0-9]+)/).map { String($0.1) })
        #expect(used.count > 5)
        #expect(told.subtracting(["130", "143"]) == used)
        #expect(section.contains("130") && section.contains("143"))
    }
}
