import StreamEngine
import Testing

@testable import Plan

@Suite("Inputs and outputs say what they can do") struct EndpointTests {
    private static func environment(live: Bool = false) -> PlanEnvironment {
        PlanEnvironment(
            inputs: [KafkaURL.self, DemoURL.self, FileInputs.self],
            outputs: [PostgresURL.self, KafkaOutput.self, FileOutput.self], isLive: { _ in live },
            standardInputIsTerminal: false, zone: { _ in nil })
    }

    private func input(_ texts: String...) throws -> any InputSpec { try Self.environment().input(texts) }
    private func output(_ text: String?) throws -> any OutputSpec { try Self.environment().output(text) }

    @Test("files and standard input are one input, whose order stays") func files() throws {
        let files = try input("b", "-", "a")
        #expect(files.names == ["b", "standard input", "a"] && files.paths == ["b", "-", "a"])
        #expect(
            files.noun == "a file" && !files.isRepeatable && files.columns == [.line, .file, .lineNumber]
                && !files.isPartitioned)
        #expect(try input("a").isRepeatable)
        #expect(try input().paths == ["-"] && input().noun == "standard input")
        #expect(!files.isLive(Self.environment()) && files.isLive(Self.environment(live: true)))
    }

    @Test("a topic has columns, partitions and perhaps a group") func topics() throws {
        let topic = try input("kafka://b/t?start=end")
        #expect(topic.columns.contains(.offset) && topic.columns.contains(.time))
        #expect(topic.isPartitioned && topic.isRepeatable && topic.takesClientOptions)
        #expect(topic.names == ["kafka://b/t"] && topic.paths.isEmpty && topic.group == nil && !topic.startsAtGroup)
        // An end makes it bounded, whatever the files of this machine are.
        #expect(topic.isLive(Self.environment()))
        #expect(try !input("kafka://b/t?until=end").isLive(Self.environment(live: true)))
    }

    @Test(
        "a run starts at the positions of a group unless the URL says where",
        arguments: [
            ("group=g", true), ("group=g&start=stored", true), ("group=g&start=beginning", false), ("start=end", false),
            // Not everything that looks like a group is one.
            ("start=@2026-01-01T00:00:00Z", false),
        ])
    func group(_ options: String, _ starts: Bool) throws {
        #expect(try input("kafka://b/group?\(options)").startsAtGroup == starts)
    }

    @Test("the demo source is live when it keeps a pace") func demo() throws {
        #expect(try input("demo:sensors").isLive(Self.environment(live: true)) == false)
        #expect(try input("demo:sensors?rate=5").isLive(Self.environment()))
        #expect(try input("demo:sensors?seed=2").names == ["demo:sensors?seed=2"])
    }

    @Test(
        "inputs that are read alone",
        arguments: [
            (["kafka://b/t", "f"], "kafka://b/t cannot be combined with other inputs; name several topics"),
            (["f", "kafka://b/t?start=end"], "kafka://b/t cannot be combined with other inputs; name several topics"),
            (["kafka://b/t", "kafka://b/u"], "in one URL, separated with commas"),
            (["demo:sensors", "f"], "demo:sensors cannot be combined with other inputs; name only this one"),
            (["demo:sensors", "demo:sensors"], "name only this one"), (["-", "a", "-"], "is named twice"),
        ])
    func alone(_ texts: [String], _ help: String) throws {
        let words = try #require(usage { _ = try Self.environment().input(texts) })
        #expect(words.contains(help), "\(words)")
    }

    @Test("what a row becomes decides about its flags, not the kind of output") func rows() throws {
        #expect(try output(nil).rows == .text && output("f").rows == .text)
        #expect(try output("kafka://b/t").rows == .message)
        #expect(try output("postgres://h/d").rows == .table && output("postgresql:///d").rows == .table)
    }

    @Test("who keeps the state of jobs, and how one is taken over") func jobs() throws {
        #expect(try output("f").jobStore == nil)
        #expect(try output("kafka://b/t").jobStore?.place == "on the brokers")
        #expect(try output("kafka://b/t").jobStore?.detail("j").hasSuffix("group streamctl-j") == true)
        #expect(try output("postgresql:///d").jobStore?.place == "in the database")
        guard case .onRequest = try output("postgresql:///d").takeover else {
            Issue.record("a job in a database is not taken over on request")
            return
        }
    }

    @Test("files: their paths, and whether a run replaces them") func outputFiles() throws {
        let (file, standard) = (try output("out"), try output("-"))
        #expect(file.path == "out" && file.isReplaced && file.name == "out")
        #expect(standard.path == "-" && !standard.isReplaced && standard.name == "standard output")
        #expect(try output("postgresql:///d").path == nil && output("kafka://b/t").path == nil)
    }

    @Test("a database may be named otherwise from run to run, and its URL is not shown") func database() throws {
        let database = try output("postgresql://me:secret@h/d")
        #expect(database.mayMove && database.isTransactional && database.name == "Postgres")
        #expect(try !output("kafka://b/t").mayMove && !output("f").mayMove && !output("f").isTransactional)
    }

    @Test(
        "rows go to one topic, and to nothing that only inputs have",
        arguments: [
            ("kafka://b/t,u", "name only one"), ("kafka://b/t?start=end", "apply only to input topics"),
            ("kafka://b/t?group=g", "apply only to input topics"), ("kafka://b", "/TOPIC"),
        ])
    func oneTopic(_ text: String, _ help: String) throws {
        let words = try #require(usage { _ = try output(text) })
        #expect(words.contains(help), "\(words)")
    }

    @Test("URLs of other services are not files") func services() throws {
        #expect(try #require(usage { _ = try input("xyz://b/t") }).contains("unknown scheme 'xyz://'; read files"))
        #expect(try #require(usage { _ = try input("postgresql://u:pw@h/d") }).contains("pw") == false)
        #expect(try #require(usage { _ = try output("xyz://b/t") }).contains("write to a file"))
        #expect(try input("./mqtt://b/t").paths == ["./mqtt://b/t"])
    }
}
