import ArgumentParser
import Glibc

/// A mock Kafka cluster in a process of its own, for experiments and tests.
@main
struct MockKafka: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streamctl-mock-kafka",
        abstract: "A mock Kafka cluster: the real protocol on the loopback interface, all data in memory.",
        discussion: """
            The first line of output is the address for clients, HOST:PORT[,HOST:PORT...]. Commands are then read \
            from standard input, one per line; the reply to each is a line 'ok' or 'error: ...'. The cluster ends at \
            the end of its input, or by a signal.

            Limits: it keeps 100 000 messages or 5 MiB of a partition and drops older ones, finds no offset by time, \
            shows records of uncommitted transactions, forgets the offsets committed in a transaction (a job that \
            writes to a topic starts over), and creates a topic with 4 partitions for every name that it is asked for.

            Commands:
            \(Commands.help)
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A topic to create at the start (repeatable).", valueName: "name[:partitions]"))
    var topic: [Topic] = []

    @Option(name: .shortAndLong, help: "The number of brokers.")
    var brokers: Int32 = 1

    @Flag(name: .shortAndLong, help: "Read no commands and serve until a signal arrives.")
    var serve = false

    func validate() throws {
        guard (1...100).contains(brokers) else { throw ValidationError("--brokers: 1 to 100") }
    }

    func run() throws {
        let cluster = try Cluster(brokers: brokers)
        for topic in topic { try cluster.create(topic.name, partitions: topic.partitions) }
        printLine(cluster.bootstrap)
        // A signal ends the process.
        while serve { pause() }
        let commands = Commands(cluster: cluster)
        while let line = readLine() { printLine(commands.answer(line)) }
    }

    /// Prints a line that a reader at the other end of a pipe sees at once.
    private func printLine(_ line: String) {
        print(line)
        fflush(nil)
    }
}

/// NAME or NAME:PARTITIONS.
struct Topic: ExpressibleByArgument {
    var name: String
    var partitions: Int32 = 4

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty, parts.count <= 2 else { return nil }
        name = String(first)
        guard parts.count == 2 else { return }
        guard let count = Int32(parts[1]), count > 0 else { return nil }
        partitions = count
    }
}
