import CRDKafka
import Glibc
import Plan
import StreamEngine
import System

/// The topics of a cluster, for completion.
package enum TopicNames {
    /// The names of the topics that the brokers report, without internal ones; empty if none answers in time.
    ///
    /// - Parameter limit: microseconds.
    package static func list(_ brokers: String, within limit: Int64) -> [String] {
        do throws(RunError) {
            let calls = try Library.use()
            let configuration = try Configuration(calls, brokers: brokers, usual: [], fixed: [], options: [])
            let client = try Client(calls, RD_KAFKA_CONSUMER, configuration)
            return names(client, within: limit)
        } catch {
            return []
        }
    }

    private static func names(_ client: borrowing Client, within limit: Int64) -> [String] {
        var all: [String] = []
        _ = client.listTopics(into: &all, milliseconds: Int32(limit / 1000))
        return all.filter { !$0.hasPrefix("__") }
    }
}

extension Client {
    /// Sets `names` to those of all topics in order, unless no broker answers in time.
    fileprivate func listTopics(into names: inout [String], milliseconds: Int32) -> rd_kafka_resp_err_t {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = calls.rd_kafka_metadata(handle, 1, nil, &metadata, milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return code }
        defer { calls.rd_kafka_metadata_destroy(metadata) }
        names = (0..<Int(metadata.pointee.topic_cnt)).compactMap { number in
            metadata.pointee.topics?[number].topic.map { String(cString: $0) }
        }.sorted()
        return code
    }

    /// The topics that a URL names, of which some may be regular expressions.
    ///
    /// - Throws: `noInput` if no topic matches one, `unavailable`, `interrupted`.
    func topics(of address: KafkaURL, limit: Int64 = 10_000_000, interrupt: Interrupt) throws(RunError) -> [String] {
        guard address.topics.contains(where: TopicPattern.isPattern) else { return address.topics }
        var all: [String] = []
        try retry("could not list the topics", limit: limit, interrupt: interrupt) { milliseconds throws(RunError) in
            listTopics(into: &all, milliseconds: milliseconds)
        }
        var topics: [String] = []
        for name in address.topics {
            let found = TopicPattern.isPattern(name) ? TopicPattern.topics(name, among: all) : [name]
            guard !found.isEmpty else {
                throw .noInput("no topic matches '\(name)', or this client may describe none that does")
            }
            topics += found.filter { !topics.contains($0) }
        }
        return topics
    }
}
