import CRDKafka

/// The commands that control the mock cluster, one per line.
struct Commands {
    static let help = """
        create TOPIC PARTITIONS
        down BROKER             numbered from 1; its connections drop
        up BROKER
        rtt BROKER MS           delays all replies by MS milliseconds
        leader TOPIC PARTITION BROKER
        coordinator group|transaction KEY BROKER
        errors API CODE[,CODE...]
                                the next requests fail, one per code
        broker-errors BROKER API CODE[:MS]...
                                the same for one broker, each delayed by MS
        left BROKER API         how many broker-errors are still pending
        clear API               cancels errors
        topic-error TOPIC CODE
        wmarks TOPIC PARTITION LOW HIGH
                                the offsets that a follower reports
        API is a name such as Fetch, CODE one such as _TRANSPORT; or numbers.
        NO_ERROR lets a request succeed, and cancels a topic-error.
        """

    private static let requests: [String: Int16] = [
        "Produce": 0, "Fetch": 1, "ListOffsets": 2, "Metadata": 3, "OffsetCommit": 8, "OffsetFetch": 9,
        "FindCoordinator": 10, "JoinGroup": 11, "Heartbeat": 12, "LeaveGroup": 13, "SyncGroup": 14, "ApiVersion": 18,
        "InitProducerId": 22, "AddPartitionsToTxn": 24, "AddOffsetsToTxn": 25, "EndTxn": 26, "TxnOffsetCommit": 28,
    ]

    let cluster: Cluster

    /// - Returns: a reply of one line.
    func answer(_ line: String) -> String {
        let words = line.split(separator: " ").map(String.init)
        guard let name = words.first else { return "ok" }
        do throws(MockError) {
            let detail = try run(name, Words(words.dropFirst()))
            return detail.isEmpty ? "ok" : "ok \(detail)"
        } catch {
            return "error: \(error.text)"
        }
    }

    private func run(_ name: String, _ words: Words) throws(MockError) -> String {
        switch name {
        case "create": try cluster.create(words.text(0), partitions: words.number(1))
        case "down": try cluster.setDown(words.number(0))
        case "up": try cluster.setUp(words.number(0))
        case "rtt": try cluster.setDelay(words.number(0), milliseconds: words.number(1))
        case "leader":
            try cluster.setLeader(words.text(0), partition: words.number(1), broker: words.number(2))
        case "coordinator": try cluster.setCoordinator(words.text(0), words.text(1), broker: words.number(2))
        case "errors": try pushErrors(words)
        case "broker-errors": try pushBrokerErrors(words)
        case "left": return String(try cluster.waiting(words.number(0), request(words.text(1))))
        case "clear": cluster.clear(try request(words.text(0)))
        case "topic-error": cluster.setError(try words.text(0), try cluster.error(words.text(1)))
        case "wmarks":
            try cluster.setFollowerBounds(
                words.text(0), partition: words.number(1), low: words.number(2), high: words.number(3))
        default: throw MockError(text: "unknown command \(name)")
        }
        return ""
    }

    private func pushErrors(_ words: Words) throws(MockError) {
        let api = try request(words.text(0))
        var errors: [rd_kafka_resp_err_t] = []
        for word in try words.text(1).split(separator: ",") { errors.append(try cluster.error(String(word))) }
        cluster.push(api, errors)
    }

    private func pushBrokerErrors(_ words: Words) throws(MockError) {
        let (broker, api): (Int32, Int16) = (try words.number(0), try request(words.text(1)))
        _ = try words.text(2)
        for word in words.all.dropFirst(2) {
            let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
            let pair = Words(parts[...])
            let delay: Int32 = parts.count == 2 ? try pair.number(1) : 0
            try cluster.push(broker, api, cluster.error(pair.text(0)), milliseconds: delay)
        }
    }

    private func request(_ word: String) throws(MockError) -> Int16 {
        if let number = Int16(word) { return number }
        guard let number = Self.requests[word] else { throw MockError(text: "unknown request \(word)") }
        return number
    }
}

/// The arguments of a command.
private struct Words {
    let all: [String]

    init(_ words: ArraySlice<String>) { all = Array(words) }

    func text(_ index: Int) throws(MockError) -> String {
        guard all.indices.contains(index) else { throw MockError(text: "missing argument") }
        return all[index]
    }

    func number<Number: FixedWidthInteger>(_ index: Int) throws(MockError) -> Number {
        let word = try text(index)
        guard let number = Number(word) else { throw MockError(text: "\(word) is not a number in range") }
        return number
    }
}
