import Foundation
import Testing

/// The mock cluster as a process. The system tests use it for what it is meant for.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Binary.mockKafka), "no streamctl-mock-kafka"))
struct MockKafkaTests {
    @Test("the mock cluster tells its addresses, answers each command and ends with its input")
    func answers() throws {
        let cluster = try Child(["--topic", "a:2", "--brokers", "2"], executable: Binary.mockKafka)
        let first = try cluster.lines(1)
        #expect(first[0].wholeMatch(of: /127\.0\.0\.1:\d+,127\.0\.0\.1:\d+/) != nil, "\(first)")
        try cluster.write("create b 3\ncreate b 3\ndown 2\nup 2\nbroker-errors 1 Fetch _TRANSPORT 6:20\nleft 1 Fetch\n")
        try cluster.write("errors Fetch NO_SUCH_ERROR\nleader a 0\nrtt 9 1\n\nhelp me\n")
        let answers = try cluster.lines(12).dropFirst()
        #expect(
            Array(answers) == [
                "ok", "error: Broker: Topic already exists", "ok", "ok", "ok", "ok 2",
                "error: unknown error NO_SUCH_ERROR", "error: missing argument",
                "error: Broker: Broker not available", "ok", "error: unknown command help",
            ])
        #expect(try cluster.end().status == 0)
    }

    @Test("with --serve the mock cluster lives until a signal")
    func serves() throws {
        let cluster = try Child(["--serve"], executable: Binary.mockKafka, input: .file("/dev/null"))
        _ = try cluster.lines(1)
        cluster.signal(SIGTERM)
        #expect(try cluster.ended().signal == SIGTERM)
    }

    @Test("the mock cluster takes no topic that makes no sense", arguments: ["", "x:", "x:0", ":3", "x:1:2", "x:many"])
    func usage(topic: String) throws {
        let cluster = try Child(["--topic", topic], executable: Binary.mockKafka, input: .closed)
        #expect(try cluster.ended().status == 64)
    }
}
