/// Limits how often a run reports problems of one kind that recur: the first at once, then at most one a minute.
package struct NoticeLimit: Sendable {
    /// Microseconds.
    package static let interval: Int64 = 60_000_000

    private var last: Int64?

    package init() {}

    /// Whether to report a problem.
    ///
    /// - Parameter now: microseconds since some moment.
    package mutating func allows(at now: Int64) -> Bool {
        if let last, now &- last < Self.interval { return false }
        last = now
        return true
    }
}

/// An outage as a run reports it: its start at once, while it lasts once a minute, and its end once. Outages that follow
/// each other quickly are not all reported.
package struct Outage: Sendable {
    private var limit = NoticeLimit()
    private var start: Int64?
    private var isReported = false

    package init() {}

    package var isOngoing: Bool { start != nil }

    /// Notes a failure.
    ///
    /// - Parameter now: microseconds since some moment.
    /// - Returns: whether to report it.
    package mutating func fail(at now: Int64) -> Bool {
        if start == nil { start = now }
        guard limit.allows(at: now) else { return false }
        isReported = true
        return true
    }

    /// Notes a success.
    ///
    /// - Returns: the message about the end of an outage that was reported.
    package mutating func recover(at now: Int64) -> String? {
        guard let since = start else { return nil }
        start = nil
        defer { isReported = false }
        guard isReported else { return nil }
        let tenths = (now &- since) / 100_000
        return "recovered after \(tenths / 10).\(tenths % 10) s"
    }
}
