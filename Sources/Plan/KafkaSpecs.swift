import StreamEngine

/// Topics as an input.
extension KafkaURL: InputSpec {
    package static func parse(_ texts: [String]) throws(UsageError) -> KafkaURL? {
        guard let text = texts.first(where: { $0.hasPrefix(scheme) }) else { return nil }
        let url = try KafkaURL(text)
        try only(of: texts, url.name, hint: "name several topics in one URL, separated with commas")
        return url
    }

    package var names: [String] { [name] }
    package var texts: [String] { [name + options] }
    package var noun: String { "a topic" }
    package var recordNoun: String { "Messages" }
    package func isLive(_ environment: PlanEnvironment) -> Bool { until == nil }
    package var columns: Set<SourceColumn> { [.line, .topic, .partition, .offset, .key, .keyHex, .headers, .time] }
    package var isPartitioned: Bool { true }
    package var carriesMessages: Bool { true }
    package var startsAtGroup: Bool { group != nil && (start ?? .stored) == .stored }
    package var takesClientOptions: Bool { true }
}

/// A topic as an output.
package struct KafkaOutput: OutputSpec, Equatable {
    /// The URL of one topic, without options.
    package let url: KafkaURL

    package static func parse(_ text: String) throws(UsageError) -> KafkaOutput? {
        guard text.hasPrefix(KafkaURL.scheme) else { return nil }
        return try KafkaOutput(try KafkaURL(text))
    }

    /// - Throws: if the URL has options that only inputs have.
    package init(_ url: KafkaURL) throws(UsageError) {
        guard url.topics.count == 1, !url.topics.contains(where: TopicPattern.isPattern) else {
            throw UsageError("\(url.name): rows go to a single topic; name only one")
        }
        guard url == KafkaURL(brokers: url.brokers, topics: url.topics) else {
            throw UsageError("start, until, partitions and group apply only to input topics; use -o \(url.name)")
        }
        self.url = url
    }

    package var name: String { url.name }
    package var rows: RowForm { .message }
    package var takeover: Takeover { .needless("a job that writes to a topic is taken over anyway") }
    package var takesClientOptions: Bool { true }
    package var jobStore: JobStore? {
        JobStore(place: "on the brokers") { "on the brokers, with the offsets of group streamctl-\($0)" }
    }

    package func repeated(_ again: String, _ mode: TablePlan.Mode?) -> String {
        "at least once: \(again), and sends its rows again"
    }

    package func startingOver(_ table: TablePlan?) -> String { "its rows are sent to \(name) again" }

    package var resumed: String {
        "exactly once for readers with isolation.level=read_committed: rows and checkpoint are committed together, "
            + "in one transaction"
    }
}
