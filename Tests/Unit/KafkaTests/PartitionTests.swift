import CRDKafka
import StreamEngine
import Testing

@testable import Kafka

@Suite("State of partitions") struct KafkaPartitionTests {
    @Test("fetched messages keep their order, even if more are added in between") func order() {
        let room = UnsafeMutableBufferPointer<rd_kafka_message_t>.allocate(capacity: 10)
        defer { room.deallocate() }
        for index in room.indices {
            room.initializeElement(at: index, to: rd_kafka_message_t())
            room[index].offset = Int64(index)
        }
        var fetched = FetchedMessages()
        var next = 0
        func add() {
            guard let message = room.baseAddress.map({ $0 + next }) else { return }
            fetched.append(message)
            next += 1
        }
        #expect(fetched.isEmpty && fetched.next == nil)
        add()
        #expect(!fetched.isEmpty)
        add()
        var offsets: [Int64] = []
        while let message = fetched.next {
            offsets.append(message.pointee.offset)
            fetched.dropNext()
            // One for one up to the eighth, so that the list is never empty until then.
            if next < 8 { add() }
        }
        #expect(offsets == Array(0..<8) && fetched.isEmpty)
        add()
        #expect(fetched.next?.pointee.offset == 8)
    }

    @Test("a partition without a reported event time is at the beginning of time") func pace() {
        let pace = WatermarkAlignment()
        #expect(pace.all(2) == [.min, .min])
        pace.note(7, of: 2)
        pace.note(-1, of: 0)
        pace.note(5, of: 2)
        #expect(Array(pace.all(2).prefix(2)) == [-1, .min] && pace.all(4) == [-1, .min, 5, .min])
    }

    @Test("a partition without a name is named by its number") func names() {
        let names = PartitionNames()
        names.add(TopicPartition(topic: "a", id: 0))
        #expect(names.name(0) == "a[0]" && names.name(1) == "partition 1" && names.name(-1) == "partition -1")
    }

    @Test("less specific errors do not hide more specific ones") func events() {
        let events = ClientEvents()
        #expect(events.reason.isEmpty && !events.consumeBrokersDown() && events.fatal == nil && events.refusal == nil)
        events.note(RD_KAFKA_RESP_ERR__RESOLVE.rawValue, "no such host")
        events.note(RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue, "took too long")
        events.note(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue, "1/1 brokers are down")
        #expect(events.reason == "no such host" && events.consumeBrokersDown() && !events.consumeBrokersDown())
        events.note(RD_KAFKA_RESP_ERR__AUTHENTICATION.rawValue, "wrong password")
        #expect(events.refusal == "wrong password" && events.fatal == nil)
    }
}
