import StreamEngine

/// Topics as an input.
extension KafkaURL: InputSpec {
    package static func parse(_ texts: [String]) throws(UsageError) -> KafkaURL? {
        guard let text = texts.first(where: { $0.hasPrefix(scheme) }) else { return nil }
        let url = try KafkaURL(text)
        try only(of: texts, url.name, hint: "several topics are named in one URL, with commas")
        return url
    }

    package var names: [String] { [name] }
    package var noun: String { "a topic" }
    package var recordNoun: String { "Messages" }
    package func isLive(_ environment: PlanEnvironment) -> Bool { until == nil }
    package var columns: Set<SourceColumn> { [.topic, .partition, .offset, .key, .time] }
    package var isPartitioned: Bool { true }
    package var startsAtGroup: Bool { group != nil && (start ?? .stored) == .stored }
    package var takesClientOptions: Bool { true }
}

/// Messages of a topic.
package struct KafkaOutput: OutputSpec, Equatable {
    /// Names one topic, and nothing but that.
    package let url: KafkaURL

    package static func parse(_ text: String) throws(UsageError) -> KafkaOutput? {
        guard text.hasPrefix(KafkaURL.scheme) else { return nil }
        return try KafkaOutput(try KafkaURL(text))
    }

    /// - Throws: when the URL has what only inputs have.
    package init(_ url: KafkaURL) throws(UsageError) {
        guard url.topics.count == 1 else { throw UsageError("rows go to one topic; name one") }
        guard url == KafkaURL(brokers: url.brokers, topics: url.topics) else {
            throw UsageError("start, until, partitions and group are for topics that are read")
        }
        self.url = url
    }

    package var name: String { url.name }
    package var rows: RowForm { .message }
    package var takeover: Takeover { .needless("a job that writes to a topic is taken over anyway") }
    package var takesClientOptions: Bool { true }
    package var jobStore: JobStore? {
        JobStore(place: "by the brokers") { "with the brokers, as the offsets of group streamctl-\($0)" }
    }

    package func repeated(_ again: String, _ mode: TablePlan.Mode?) -> String {
        "at least once: \(again), and sends its rows again"
    }

    package var resumed: String {
        "exactly once for readers with isolation.level=read_committed: rows and checkpoint are committed together, "
            + "in one transaction"
    }
}
