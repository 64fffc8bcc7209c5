import ArgumentParser
import Glibc

/// A mock Kafka cluster in a process of its own, for experiments and tests.
@main
struct MockKafka: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streamctl-mock-kafka",
        abstract: "A pretend Kafka cluster: real protocol on the loopback interface, everything in memory.",
        discussion: """
            The first line of output is the address for clients, HOST:PORT[,HOST:PORT...]. After it commands are read \
            from standard input, one a line; each is answered by a line 'ok' or 'error: ...'. The cluster ends with its \
            input, or by a signal.

            What it cannot do: it keeps 100 000 messages or 5 MiB of a partition and drops older ones, finds no offset \
            by time, shows records of transactions that were never committed, forgets the positions that were committed \
            in one (a job that writes to a topic begins anew there), and makes a topic of 4 partitions of any name that \
            it is asked for.

            Commands:
            \(Commands.help)
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("A topic to begin with (repeat).", valueName: "name[:partitions]"))
    var topic: [Topic] = []

    @Option(name: .shortAndLong, help: "How many brokers there are.")
    var brokers: Int32 = 1

    @Flag(name: .shortAndLong, help: "Read no commands and serve until a signal comes.")
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
