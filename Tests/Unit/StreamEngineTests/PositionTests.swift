import Synchronization
import Testing

@testable import StreamEngine

@Suite("Positions of records") struct PositionTests {
    private func rejects(_ names: InputNames, _ body: (inout RejectLog) -> Void) -> String {
        var log = RejectLog(isWanted: true, maxLine: 100, inputNames: names)
        body(&log)
        return log.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("a line of a file and a message of a partition") func texts() {
        let names: InputNames = ["app.jsonl", "readings[3]"]
        #expect(names.text(of: RecordPosition(input: 0, line: 17)) == "app.jsonl:17")
        #expect(names.text(of: RecordPosition(input: 1, offset: 1234)) == "readings[3]@1234")
        #expect(names.text(of: RecordPosition(input: 2, line: 1)) == "input:1")
    }

    @Test("rejects of a topic name partition and offset") func topicRejects() {
        let record = Array(#"{"a":1}"#.utf8)
        let text = rejects(["readings[3]"]) { log in
            record.withUnsafeBytes {
                log.add("late", "its windows had closed", RecordPosition(input: 0, offset: 1234), $0, .json)
            }
        }
        #expect(
            text == #"{"reason":"late","detail":"its windows had closed","source":"readings[3]","offset":1234,"#
                + #""record":{"a":1}}"# + "\n")
    }

    @Test("the record of a tombstone is null") func tombstone() {
        let text = rejects(["readings[3]"]) { log in
            log.add(
                RejectReason.noValue.rawValue, Records(columnCount: 0).detail(of: .noValue),
                RecordPosition(input: 0, offset: 5), UnsafeRawBufferPointer(start: nil, count: 0), .nothing)
        }
        #expect(
            text == #"{"reason":"tombstone","detail":"a tombstone: the message has no value","#
                + #""source":"readings[3]","offset":5,"record":null}"# + "\n")
        #expect(RecordStatus.noValue.rejectReason == .noValue && RecordStatus.noValue.isRejected)
        #expect(RecordStatus.tooLong.rejectReason == .tooLong && RecordStatus.notAnObject.rejectReason == .malformed)
    }

    @Test("names may become known while the run lasts") func laterNames() {
        final class Partitions: Sendable {
            let names = Mutex<[String]>([])
        }
        let partitions = Partitions()
        let names = InputNames { number in
            partitions.names.withLock { $0.indices.contains(number) ? $0[number] : nil }
        }
        #expect(names[0] == "input")
        partitions.names.withLock { $0 = ["readings[0]", "readings[1]"] }
        #expect(names[1] == "readings[1]")
    }
}
