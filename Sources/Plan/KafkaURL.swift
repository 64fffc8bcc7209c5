import StreamEngine

/// The URL of topics in a cluster: `kafka://BROKER[:PORT][,…]/TOPIC[,…][?OPTION=VALUE&…]`.
package struct KafkaURL: Sendable, Equatable {
    package static let scheme = "kafka://"

    /// Where reading starts.
    package enum Start: Sendable, Equatable {
        case beginning, end
        /// The committed offset of the group; the beginning of partitions without one.
        case stored
        /// The first message at or after this time, microseconds since 1970.
        case time(Int64)
        /// The first message at or after now minus this duration, microseconds.
        case ago(Int64)
    }

    /// Where reading ends.
    package enum Until: Sendable, Equatable {
        /// The end that each partition has when the run starts.
        case end
        /// The first message at or after this time, microseconds since 1970.
        case time(Int64)
    }

    /// `HOST:PORT,…`
    package var brokers: String
    /// Names, or regular expressions, which begin with `^`.
    package var topics: [String]
    package var start: Start?
    package var until: Until?
    /// Ranges of partitions; empty for all.
    package var partitions: [ClosedRange<Int32>] = []
    package var group: String?
    /// The options as they were written: `?start=end&until=end`.
    private(set) var options = ""

    /// The URL without its options, for messages.
    package var name: String {
        "kafka://\(brokers)/\(topics.map(TopicPattern.escaped).joined(separator: ","))"
    }

    package init(brokers: String, topics: [String]) {
        self.brokers = brokers
        self.topics = topics
    }

    package init(_ text: String) throws(UsageError) {
        let scheme = Self.scheme
        // Text before an @ may be a secret.
        let shown = text.prefix { $0 != "?" }
        func wrong(_ reason: String) -> UsageError {
            UsageError("\(shown.contains("@") ? scheme[...] : shown): \(reason)")
        }
        guard text.hasPrefix(scheme) else { throw wrong("not a topic URL; write kafka://BROKER[:PORT]/TOPIC") }
        let parts = text.dropFirst(scheme.count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let place = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard place.count == 2, !place[0].isEmpty, !place[1].isEmpty else {
            throw wrong("write kafka://BROKER[:PORT][,...]/TOPIC[,...]")
        }
        guard !place[0].contains("@") else {
            throw wrong(
                "a user or password is not allowed here; -X @FILE reads sasl.username and sasl.password from a file")
        }
        for broker in place[0].split(separator: ",", omittingEmptySubsequences: false) {
            if UInt16(broker) != nil {
                throw wrong("'\(broker)' is not a broker; a port follows a colon, as in HOST:\(broker)")
            }
            guard Self.isBroker(broker) else { throw wrong("'\(broker)' is not a broker; write HOST or HOST:PORT") }
        }
        var topics: [String] = []
        for text in place[1].split(separator: ",", omittingEmptySubsequences: false) {
            guard let topic = TopicPattern.unescaped(text) else {
                throw wrong(
                    "'\(text)' has a % that is not followed by two hexadecimal digits; write %25 for a % itself")
            }
            topics.append(topic)
        }
        for topic in topics {
            if TopicPattern.isPattern(topic) {
                if let problem = TopicPattern.problem(topic) { throw wrong(problem) }
                continue
            }
            if let slash = topic.firstIndex(of: "/"), let number = UInt32(topic[slash...].dropFirst()) {
                throw wrong(
                    "'\(topic)' is not a topic name; for one partition, write \(topic[..<slash])?partitions=\(number)")
            }
            guard Self.isTopicName(topic) else {
                throw wrong("'\(topic)' is not a topic name; use 1 to 249 letters, digits, '.', '_' and '-'")
            }
        }
        guard Set(topics).count == topics.count else { throw wrong("a topic is named twice; remove one") }
        self.init(brokers: String(place[0]), topics: topics)
        if parts.count == 2 {
            options = "?\(parts[1])"
            for option in parts[1].split(separator: "&", omittingEmptySubsequences: false) {
                do throws(OptionError) { try set(option) } catch { throw wrong(error.reason) }
            }
        }
        if start == .stored, group == nil { throw wrong("start=stored requires group=NAME") }
    }

    /// The brokers of a URL, with or without topics; nil if it names none.
    package static func brokers(of text: String) -> String? {
        guard text.hasPrefix(scheme) else { return nil }
        let brokers = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        guard !brokers.contains("@"),
            brokers.split(separator: ",", omittingEmptySubsequences: false).allSatisfy(isBroker)
        else { return nil }
        return String(brokers)
    }

    /// The brokers of a URL whose topics are still to be written: `kafka://HOST:PORT/`; nil if there are none yet.
    package static func brokers(ofUnfinished text: String) -> String? {
        guard text.hasPrefix(scheme) else { return nil }
        let parts = text.dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].contains("@"),
            parts[0].split(separator: ",", omittingEmptySubsequences: false).allSatisfy(isBroker)
        else { return nil }
        return String(parts[0])
    }

    /// Whether the text is `HOST` or `HOST:PORT`, with IPv6 addresses in brackets.
    private static func isBroker(_ text: Substring) -> Bool {
        let host = text.hasPrefix("[") ? text.prefix { $0 != "]" } + "]" : text.prefix { $0 != ":" }
        guard text.hasPrefix(host), host.utf8.count > 0, host != "[]" else { return false }
        let rest = text.dropFirst(host.count)
        return rest.isEmpty || rest.hasPrefix(":") && (UInt16(rest.dropFirst()).map { $0 > 0 } ?? false)
    }

    private static func isTopicName(_ name: String) -> Bool {
        (1...249).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy {
                ($0 < 0x80 && FieldPath.isNameByte($0) && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "$"))
                    || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
            }
    }

    private struct OptionError: Error { var reason: String }

    private mutating func set(_ option: Substring) throws(OptionError) {
        let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, parts[1].isEmpty, ["start", "until", "partitions", "group"].contains(parts[0]) {
            throw OptionError(reason: "'\(option)' has no value; write \(parts[0])=VALUE or remove it")
        }
        guard parts.count == 2, !parts[1].isEmpty else {
            let hint = parts.count == 1 ? KafkaURLHint.option(parts[0]) : ""
            throw OptionError(reason: "'\(option)' is not an option; write NAME=VALUE, with & between options\(hint)")
        }
        let value = parts[1]
        switch parts[0] {
        case "start": start = try Self.start(value)
        case "until": until = value == "end" ? .end : .time(try Self.time(value, "until"))
        case "partitions": partitions = try Self.ranges(value)
        case "group": group = value
        default:
            throw OptionError(
                reason: "unknown option '\(parts[0])'; use start, until, partitions or group"
                    + KafkaURLHint.option(parts[0]))
        }
    }

    private static func start(_ text: String) throws(OptionError) -> Start {
        switch text {
        case "beginning": return .beginning
        case "end": return .end
        case "stored": return .stored
        default: break
        }
        guard text.hasPrefix("-") else { return .time(try time(text, "start")) }
        do {
            return .ago(try DurationText.parse(String(text.dropFirst())))
        } catch {
            throw OptionError(reason: "start=\(text): \(error)")
        }
    }

    private static func time(_ text: String, _ option: String) throws(OptionError) -> Int64 {
        let words = option == "start" ? "beginning, end, stored, @TIME or -DURATION" : "end or @TIME"
        guard text.hasPrefix("@") else {
            throw OptionError(
                reason: "\(option)=\(text): use \(words)\(KafkaURLHint.value(text, of: option))")
        }
        guard let time = time(String(text.dropFirst())) else {
            throw OptionError(reason: "\(option)=\(text): write a time as @2026-01-31T12:00:00Z or @1769860800")
        }
        return time
    }

    /// The time of an option, without its `@`: RFC 3339, or seconds (with a fraction if it has a point) or milliseconds since
    /// 1970 by their number of digits.
    ///
    /// - Returns: microseconds since 1970; nil for anything else.
    static func time(_ text: String) -> Int64? {
        var text = text
        if let time = text.withUTF8({ RFC3339.parse(UnsafeRawBufferPointer($0)) }) { return time }
        // Seconds as `date +%s` prints them, milliseconds as kcat does.
        guard let number = Int64(text) else { return secondsWithFraction(text) }
        if number.magnitude < 100_000_000_000 { return number * 1_000_000 }
        return number.magnitude < 100_000_000_000_000 ? number * 1_000 : nil
    }

    /// Seconds with a fraction, as `date +%s.%N` prints them.
    private static func secondsWithFraction(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let seconds = Int64(parts[0]), seconds.magnitude < 100_000_000_000,
            (1...9).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let fraction = Int64(parts[1] + String(repeating: "0", count: 9 - parts[1].utf8.count))
        else { return nil }
        let microseconds = fraction / 1000
        return seconds * 1_000_000 + (text.hasPrefix("-") ? -microseconds : microseconds)
    }

    /// `0-3,7`
    private static func ranges(_ text: String) throws(OptionError) -> [ClosedRange<Int32>] {
        var ranges: [ClosedRange<Int32>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 0, first <= last
            else { throw OptionError(reason: "partitions=\(text): use numbers and ranges, such as 0-3,7") }
            ranges.append(first...last)
        }
        return ranges
    }

    /// Whether the URL includes the partition.
    package func wants(_ partition: Int32) -> Bool {
        partitions.isEmpty || partitions.contains { $0.contains(partition) }
    }
}
