import Glibc
import Plan
import StreamEngine
import System
import Testing

@testable import Files

@Suite("demo source")
struct DemoSourceTests {
    private func text(_ uri: String, batch capacity: Int = 4096, from position: Int = 0) throws -> String {
        var source = DemoSource(try DemoURL(uri).options, interrupt: Interrupt())
        source.resume(from: InputCheckpoint(restart: InputPosition(input: 0, position: position), committed: .start))
        var batch = Batch(capacity: capacity)
        var bytes: [UInt8] = []
        while case .lines = try source.read(into: &batch, deadline: nil) {
            #expect(batch.position == bytes.count + position)
            #expect(batch.startsInput == (batch.position == 0))
            bytes += batch.bytes
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("the first records are what they always were")
    func golden() throws {
        #expect(
            try text("demo:sensors").prefix(315) == """
                {"sensor_id":"sensor_0004","temperature":15.22,"humidity":67.34,"event_time":"2026-01-01T00:00:00.000Z"}
                {"sensor_id":"sensor_0001","temperature":17.03,"humidity":59.33,"event_time":"2026-01-01T00:00:00.864Z"}
                {"sensor_id":"sensor_0005","temperature":13.00,"humidity":52.18,"event_time":"2026-01-01T00:00:01.728Z"}

                """)
    }

    @Test("batch sizes do not change the bytes", arguments: [1, 105, 106, 209, 210, 1000, 65_536])
    func determinism(capacity: Int) throws {
        let uri = "demo:sensors?records=500&disorder=1m&keys=12345&seed=7"
        #expect(try text(uri, batch: capacity) == text(uri))
    }

    @Test("a different seed gives different records")
    func seed() throws {
        #expect(try text("demo:sensors?records=9&seed=1") == text("demo:sensors?records=9"))
        #expect(try text("demo:sensors?records=9&seed=2") != text("demo:sensors?records=9"))
    }

    @Test("reading from a position gives the rest")
    func seek() throws {
        let all = try text("demo:sensors?records=50")
        #expect(try text("demo:sensors?records=50", from: 20 * 105) == String(all.dropFirst(20 * 105)))
    }

    @Test("100 000 records by default: 24 hours, all sensors, 105 bytes each")
    func shape() throws {
        let lines = try text("demo:sensors", batch: 1 << 18).split(separator: "\n")
        #expect(lines.count == 100_000)
        #expect(lines.allSatisfy { $0.utf8.count == 104 })
        #expect(lines.last?.hasSuffix(#""event_time":"2026-01-01T23:59:59.136Z"}"#) == true)
        #expect(Set(lines.map { $0.prefix(26) }).count == 10)
        let readings = lines.map { line in
            line.utf8.split(separator: UInt8(ascii: ":")).dropFirst(2).prefix(2).map { Double(Substring($0.prefix(5))) }
        }
        #expect(readings.allSatisfy { (10...30).contains($0[0] ?? -1) && (20...80).contains($0[1] ?? -1) })
    }

    @Test("times are moved back by at most the disorder, and dates are right")
    func disorder() throws {
        let plain = try text("demo:sensors?records=40000").split(separator: "\n")
        let moved = try text("demo:sensors?records=40000&disorder=10m").split(separator: "\n")
        func milliseconds(_ line: Substring) throws -> Int {
            let digits = line.suffix(26).dropLast(2).split { !$0.isNumber }.map { Int($0) ?? -1 }
            try #require(digits.count == 7)
            // All within two days of New Year.
            let day = digits[0] == 2025 ? 0 : digits[2]
            return (((day * 24 + digits[3]) * 60 + digits[4]) * 60 + digits[5]) * 1000 + digits[6]
        }
        let delays = try zip(plain, moved).map { try milliseconds($0) - milliseconds($1) }
        #expect(delays.allSatisfy { (0...600_000).contains($0) })
        #expect(delays.contains { $0 < 6000 } && delays.contains { $0 > 594_000 })
        #expect(plain.count == 40_000 && moved.count == 40_000)
    }

    @Test(
        "dates follow the calendar",
        arguments: [
            (0, "2026-01-01T00:00:00.000Z"), (5_900_000, "2026-03-01T00:00:00.000Z"),
            (78_900_000, "2028-02-29T00:00:00.000Z"), (79_000_000, "2028-03-01T00:00:00.000Z"),
            (2_705_900_000, "2100-02-01T00:00:00.000Z"), (2_708_600_000, "2100-02-28T00:00:00.000Z"),
            (2_708_700_000, "2100-03-01T00:00:00.000Z"),
        ])
    func dates(record: Int, time: String) throws {
        var records = DemoRecords(DemoOptions())
        let line = UnsafeMutableRawBufferPointer.allocate(byteCount: records.lineLength, alignment: 1)
        defer { line.deallocate() }
        records.write(record..<record + 1, into: line)
        #expect(String(decoding: line, as: UTF8.self).hasSuffix("\"\(time)\"}\n"))
    }

    @Test(
        "any number of records spans 24 hours; with a rate, event time follows it",
        arguments: [
            ("demo:sensors?records=2", "T12:00:00.000Z"), ("demo:sensors?records=86400", "T23:59:59.000Z"),
            ("demo:sensors?records=11&rate=100000", "T00:00:00.000Z"),
            ("demo:sensors?records=300&rate=1000", "T00:00:00.299Z"),
        ])
    func span(uri: String, lastTime: String) throws {
        #expect(try text(uri).hasSuffix("2026-01-01\(lastTime)\"}\n"))
    }

    @Test("a read waits for its rate no longer than the deadline")
    func pace() throws {
        let interrupt = Interrupt()
        var source = DemoSource(try DemoURL("demo:sensors?rate=1").options, interrupt: interrupt)
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: wallClock() + 1000) == .quiet)
        interrupt.raise(SIGINT)
        #expect(try source.read(into: &batch, deadline: nil) == .interrupted)
    }

    @Test("zero records are none")
    func noRecords() throws { #expect(try text("demo:sensors?records=0").isEmpty) }
}
