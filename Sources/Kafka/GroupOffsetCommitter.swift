import CRDKafka
import Plan
import StreamEngine
import Synchronization
import System

/// Positions of a consumer group: for monitors of lag, and for runs that begin with start=stored. Nothing else depends
/// on them.
package final class GroupOffsetCommitter: OffsetCommitter {
    private struct Reports: @unchecked Sendable {
        let queue: OpaquePointer
        var waiting = 0
        var last: [String: Int] = [:]
        var hasReportedFailure = false
    }

    private let input: TopicInput
    private let group: String
    private let warn: @Sendable (String) -> Void
    private let reports: Mutex<Reports>

    /// - Returns: nil when the topics are read without a group.
    package init?(_ input: TopicInput, warn: @escaping @Sendable (String) -> Void) {
        guard let group = input.address.group,
            let queue = input.client.calls.rd_kafka_queue_new(input.client.handle)
        else { return nil }
        self.input = input
        self.group = group
        self.warn = warn
        reports = Mutex(Reports(queue: queue))
    }

    deinit { reports.withLock { input.client.calls.rd_kafka_queue_destroy($0.queue) } }

    /// How far event time had come, by the text beside a position; `Int64.min` when it does not say.
    static func watermark(in text: String) -> Int64 {
        if case .integer(let time) = (try? ControlJSON(parsing: text))?["watermark"] { time } else { Int64.min }
    }

    /// Sends the positions up to which everything is delivered, or from which a run without a job has to begin again.
    package func send(_ checkpoint: Checkpoint, isDelivered: Bool) {
        let calls = input.client.calls
        reports.withLock { reports in
            pollEvents(&reports, milliseconds: 0)
            let list = PartitionList(calls)
            // Only for runs that begin there, and only when there is something to say.
            let isWanted = !isDelivered && checkpoint.time.watermark > Int64.min
            let text =
                isWanted ? ControlJSON.object([.init("watermark", .integer(checkpoint.time.watermark))]).json : ""
            var isEmpty = true
            for partition in checkpoint.input.partitions {
                let name = partition.committedChecksum.name
                let position = (isDelivered ? partition.committed : partition.restart).position
                guard reports.last[name] != position, let topicPartition = TopicPartition(name: name) else { continue }
                reports.last[name] = position
                list.add(topicPartition, offset: Int64(position), text: text)
                isEmpty = false
            }
            guard !isEmpty else { return }
            let code = calls.rd_kafka_commit_queue(input.client.handle, list.pointer, reports.queue, nil, nil)
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { reports.waiting += 1 } else { note(code, &reports) }
        }
    }

    /// Waits for the answers, but not for long.
    package func finish() {
        let end = steadyClock() + 2_000_000
        reports.withLock { reports in
            while reports.waiting > 0, steadyClock() < end { pollEvents(&reports, milliseconds: 100) }
            if reports.waiting > 0 { note(RD_KAFKA_RESP_ERR__TIMED_OUT, &reports) }
        }
    }

    private func pollEvents(_ reports: inout Reports, milliseconds: Int32) {
        let calls = input.client.calls
        while let event = calls.rd_kafka_queue_poll(reports.queue, milliseconds) {
            reports.waiting -= 1
            let code = calls.rd_kafka_event_error(event)
            if code != RD_KAFKA_RESP_ERR_NO_ERROR, code != RD_KAFKA_RESP_ERR__NO_OFFSET { note(code, &reports) }
            calls.rd_kafka_event_destroy(event)
            if reports.waiting <= 0 { return }
        }
    }

    private func note(_ code: rd_kafka_resp_err_t, _ reports: inout Reports) {
        // What was not taken is sent again.
        reports.last = [:]
        guard !reports.hasReportedFailure else { return }
        reports.hasReportedFailure = true
        warn("positions could not be committed for group \(group): \(input.client.errorText(code))")
    }
}
