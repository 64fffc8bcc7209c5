import CRDKafka
import Plan
import StreamEngine
import Synchronization
import System

/// Commits offsets to a consumer group, for lag monitors and for runs with start=stored. Nothing else depends on them.
package final class GroupOffsetCommitter: OffsetCommitter {
    private struct Reports: @unchecked Sendable {
        let queue: OpaquePointer
        var waiting = 0
        var last: [String: StoredPosition] = [:]
        var limit = NoticeLimit()
    }

    /// Where a later run begins, and up to where this one has read.
    private struct StoredPosition: Equatable {
        var offset: Int
        var read: Int
    }

    private let input: TopicInput
    private let group: String
    private let warn: @Sendable (String) -> Void
    private let reports: Mutex<Reports>

    /// - Returns: nil if the topics are read without a group.
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

    /// The watermark in the metadata of a committed offset; `Int64.min` if there is none.
    static func watermark(in text: String) -> Int64 {
        if case .integer(let time) = (try? ControlJSON(parsing: text))?["watermark"] { time } else { Int64.min }
    }

    /// The offset up to which the run that committed an offset had read; 0 if the metadata does not say.
    static func read(in text: String) -> Int {
        if case .integer(let offset) = (try? ControlJSON(parsing: text))?["read"] { Int(offset) } else { 0 }
    }

    /// Commits the offsets up to which everything is delivered, or from which a run without a job must restart.
    package func send(_ checkpoint: Checkpoint, isDelivered: Bool) {
        let calls = input.client.calls
        reports.withLock { reports in
            pollEvents(&reports, milliseconds: 0)
            if input.client.events.isGroupDenied {
                note(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, &reports)
                // It waits in librdkafka until the right is granted.
                guard reports.waiting == 0 else { return }
            }
            let list = PartitionList(calls)
            // Only a run that restarts from these offsets needs it.
            let isWanted = !isDelivered && checkpoint.time.watermark > Int64.min
            var isEmpty = true
            for partition in checkpoint.input.partitions {
                let name = partition.committedChecksum.name
                let read = partition.committed.position
                let position = StoredPosition(offset: isDelivered ? read : partition.rowStart.position, read: read)
                guard reports.last[name] != position, let topicPartition = TopicPartition(name: name) else { continue }
                reports.last[name] = position
                let members: [ControlJSON.Member] = [
                    .init("watermark", .integer(checkpoint.time.watermark)), .init("read", .integer(Int64(read))),
                ]
                list.add(
                    topicPartition, offset: Int64(position.offset),
                    text: isWanted ? ControlJSON.object(members).json : "")
                isEmpty = false
            }
            guard !isEmpty else { return }
            let code = calls.rd_kafka_commit_queue(input.client.handle, list.pointer, reports.queue, nil, nil)
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { reports.waiting += 1 } else { note(code, &reports) }
        }
    }

    /// Waits briefly for pending replies.
    package func finish() {
        let end = steadyClock() + 2_000_000
        reports.withLock { reports in
            while reports.waiting > 0, steadyClock() < end, !input.client.events.isGroupDenied {
                pollEvents(&reports, milliseconds: 100)
                input.client.noteConsumerErrors()
            }
            if reports.waiting > 0 { note(RD_KAFKA_RESP_ERR__TIMED_OUT, &reports) }
        }
    }

    private func pollEvents(_ reports: inout Reports, milliseconds: Int32) {
        let calls = input.client.calls
        while let event = calls.rd_kafka_queue_poll(reports.queue, milliseconds) {
            reports.waiting -= 1
            let code = calls.rd_kafka_event_error(event)
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { input.client.events.noteGroupAllowed() }
            if code != RD_KAFKA_RESP_ERR_NO_ERROR, code != RD_KAFKA_RESP_ERR__NO_OFFSET { note(code, &reports) }
            calls.rd_kafka_event_destroy(event)
            if reports.waiting <= 0 { return }
        }
    }

    private func note(_ code: rd_kafka_resp_err_t, _ reports: inout Reports) {
        // Offsets that failed to commit are sent again.
        reports.last = [:]
        guard reports.limit.allows(at: steadyClock()) else { return }
        warn("could not commit offsets for group \(group): \(reason(code))")
    }

    private func reason(_ code: rd_kafka_resp_err_t) -> String {
        if input.client.events.isGroupDenied || code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED {
            return MissingRight(operation: .read, resource: .group(group)).message(input.client.identity)
        }
        return input.client.errorText(code)
    }
}
