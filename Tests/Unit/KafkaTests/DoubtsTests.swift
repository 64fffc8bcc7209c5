import CRDKafka
import Testing

@testable import Kafka

@Suite("Which partitions may have changed, and advice on refusals") struct DoubtsTests {
    @Test("a lost leader concerns its partition, a lost broker all")
    func messages() {
        let lost = Doubts(
            facility: "BROKERUA",
            text: "[thrd:10.0.0.1:9092/1]: a.b [12]: broker unavailable: fetch: Broker: Unknown topic or partition")
        #expect(lost?.contains("a.b[12]") == true && lost?.contains("a.b[1]") == false)
        let moved = Doubts(facility: "TOPICUPD", text: "[thrd:main]: Topic a [0]: migrating from broker -1 to 1")
        #expect(moved?.partitions == ["a[0]"])
        let down = Doubts(facility: "STATE", text: "[thrd:x]: 10.0.0.1:9092/1: Broker changed state UP -> DOWN")
        #expect(down?.concernsAll == true && down?.contains("a[7]") == true)
        // What cannot be read concerns all.
        #expect(Doubts(facility: "BROKERUA", text: "[3]: broker unavailable")?.concernsAll == true)
    }

    @Test(
        "other messages concern none",
        arguments: [
            ("STATE", "[thrd:x]: 10.0.0.1:9092/1: Broker changed state TRY_CONNECT -> CONNECT"),
            ("STATE", "[thrd:main]: Topic a changed state unknown -> exists"), ("FETCHADD", "a [0]: fetchable"),
        ])
    func others(facility: String, text: String) { #expect(Doubts(facility: facility, text: text) == nil) }

    @Test("SCRAM that Kafka 4 refuses is explained, with the way to another library")
    func scram() {
        let advice = ClientEvents.advice(onSCRAMWith: 0x0200_02ff, "2.0.2")
        #expect(advice.contains("2.6.1") && advice.contains("this is 2.0.2") && advice.contains("LD_LIBRARY_PATH"))
        #expect(ClientEvents.advice(onSCRAMWith: 0x0206_01ff, "2.6.1").isEmpty)
        let events = ClientEvents()
        events.note(
            RD_KAFKA_RESP_ERR__AUTHENTICATION.rawValue,
            "SASL authentication error: invalid credentials with SASL mechanism SCRAM-SHA-256 (after 5ms)")
        let isOld = (try? Library.use()).map { $0.rd_kafka_version() < 0x0206_01ff } ?? false
        #expect(events.refusal?.contains("LD_LIBRARY_PATH") == isOld)
    }
}
