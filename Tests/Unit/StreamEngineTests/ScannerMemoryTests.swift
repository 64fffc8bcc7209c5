import Glibc
import Testing

@testable import StreamEngine

/// What the scanner remembers of earlier lines makes it faster and must change nothing.
struct ScannerMemoryTests {
    private static let fields = ["id", "t", "a.b", "a.c.d", "list[1]", "a", "n"].compactMap { try? FieldPath.parse($0) }

    /// Lines as sources write them: one layout with optional members, types that change, nesting, white space.
    private static let lines: [String] = [
        #"{"id":"sensor_1","t":14.14,"n":52.1,"when":"2026-01-01T00:00:00.000Z"}"#,
        #"{"id":"sensor_22","t":-3,"n":null,"when":"2026-01-01T00:00:00.017Z"}"#,
        #"{"id":"sensor_3","n":52.1,"when":"2026-01-01T00:00:00.000Z"}"#, #"{"id":"sensor_4"}"#, #"{"id":"x","t":5}"#,
        #"{"id":"y","when":"2026-01-01T00:00:00.000Z","a.b":4}"#, #"{"id":"z","a.b":3,"a":{"b":2}}"#,
        #"{"id":"x","n":1e3,"extra":{"deep":[1,[2,{"id":3}],"q"]},"t":1234567}"#,
        #"{"a":{"b":1,"c":{"d":"two","e":[]}},"id":7,"list":[10,20,30],"n":true}"#,
        #"{"a":{"c":{"d":2},"b":"one"},"a.b":9,"list":[[],{}],"n":false}"#,
        #"{ "id" : "spaced" , "t" : 1.5 , "n" : [ 1 , 2 ] , "a" : { } }"#,
        #"{"id":"tab\u0041é","t":0.1234567890123,"a very long key that nobody remembers":1,"n":12345678901}"#,
        #"{"id":"1","id":"2","t":1,"t":null,"a":{"b":1},"a":{"c":{"d":1}}}"#,
        #"{"$watermark":{"t":"2026-01-01T00:00:00Z"}}"#, #"{"$watermark":{}} "#, #"{"$watermark":1}"#, "{}", " {} ", "",
    ]

    private static let pieces = Array("\"\"\\{}[],,::  \t\r019.-+eEtfn/x\u{7f}").map { Array(String($0).utf8) }

    /// A line with up to three bytes changed, put in or left out.
    private func mutated(_ random: inout SeededGenerator) -> [UInt8] {
        var line = Array((Self.lines.randomElement(using: &random) ?? "").utf8)
        for _ in 0..<Int.random(in: 0...3, using: &random) where !line.isEmpty {
            let place = Int.random(in: 0..<line.count, using: &random)
            let piece = Self.pieces.randomElement(using: &random) ?? []
            switch Int.random(in: 0..<4, using: &random) {
            case 0: line.remove(at: place)
            case 1: line.insert(contentsOf: piece, at: place)
            case 2: line[place] = UInt8.random(in: 0...255, using: &random)
            default: line.replaceSubrange(place...place, with: piece)
            }
        }
        return line.filter { $0 != UInt8(ascii: "\n") }
    }

    private func scanner() -> JSONFormat {
        JSONFormat(fields: Self.fields + [FieldPath(name: Array("$watermark".utf8))], maxLine: 1000)
    }

    /// Every row in words: where it stands, the status and the values. `first` is the place and the line of the text.
    private func rows(
        _ scanner: inout JSONFormat, _ text: [UInt8], _ batch: inout Batch, _ records: inout Records,
        first: (place: Int, line: Int) = (0, 0)
    ) -> [String] {
        batch.removeAll()
        text.withUnsafeBytes { batch.append($0) }
        scanner.read(&batch, into: &records)
        return (0..<records.count).map { row in
            let place = records.places[row]
            let values = (0...Self.fields.count).map { column in
                let value = records.columns[column][row]
                return value.isText
                    ? "\(value.kind) \(String(decoding: value.bytes, as: UTF8.self))" : "\(value.kind) \(value.bits)"
            }
            let line = Int(place.line) + first.line
            return "\(place.status.name) \(Int(place.start) + first.place)+\(place.length) line \(line) \(values)"
        }
    }

    /// Lines in runs of one kind, as sources write them; a run may have other line ends than the one before.
    private func text(_ random: inout SeededGenerator) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        while lines.count < 50 {
            let kind = Array((Self.lines.randomElement(using: &random) ?? "").utf8)
            let lineEnd = Bool.random(using: &random) ? [UInt8(ascii: "\r")] : []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let isMutated = Int.random(in: 0..<3, using: &random) == 0
                lines.append((isMutated ? mutated(&random) : kind) + lineEnd)
            }
        }
        return lines
    }

    @Test("a scanner that has seen other lines finds in a line what a new one finds")
    func memoryChangesNothing() {
        var random = SeededGenerator(seed: 41)
        var old = scanner()
        // Behind the lines of a batch stands what earlier ones left there.
        var batch = Batch(capacity: 1024)
        var records = Records(columnCount: Self.fields.count + 1)
        var freshBatch = Batch(capacity: 1024)
        var freshRecords = Records(columnCount: Self.fields.count + 1)
        var differences = 0
        // STREAMCTL_FUZZ_LINES asks for more than a test run has time for.
        let lines = getenv("STREAMCTL_FUZZ_LINES").flatMap { Int(String(cString: $0)) } ?? 20_000
        for _ in 0..<lines / 50 {
            let lines = text(&random).prefix(Int.random(in: 1...50, using: &random))
            let lineEnd: [UInt8] = Bool.random(using: &random) ? [10] : []
            let together = rows(&old, Array(lines.joined(separator: [10])) + lineEnd, &batch, &records)
            var place = 0
            let apart = lines.enumerated().flatMap { number, line in
                var fresh = scanner()
                defer { place += line.count + 1 }
                return rows(&fresh, line + [10], &freshBatch, &freshRecords, first: (place, number))
            }
            guard together != apart else { continue }
            differences += 1
            for (one, other) in zip(together, apart) where one != other && differences < 5 {
                Issue.record("\(one) is \(other) to a new scanner")
            }
        }
        #expect(differences == 0)
    }

    @Test("rows and lines are counted across records that are alike, blank lines, long lines and a batch of many rows")
    func places() {
        var scanner = JSONFormat(fields: Self.fields + [FieldPath(name: Array("$watermark".utf8))], maxLine: 20)
        var batch = Batch()
        var records = Records(columnCount: Self.fields.count + 1)
        let pattern = [#"{"id":1,"n":2}"#, #"{"id":3,"n":4}"#, "", #"{"id":5,"n":"too long"}"#, #"{"id":6,"n":7}"#]
        let lines = (0..<5000).map { pattern[$0 % 7 % 5] }
        for lineEnd in ["\n", "\r\n"] {
            batch.removeAll()
            Array(lines.map { $0 + lineEnd }.joined().utf8).withUnsafeBytes { batch.append($0) }
            scanner.read(&batch, into: &records)
            let filled = lines.enumerated().filter { !$0.element.isEmpty }
            #expect(records.count == filled.count)
            #expect(records.lineCount == lines.count)
            let width = lineEnd.utf8.count
            var starts: [Int] = [0]
            for line in lines { starts.append(starts.last.map { $0 + line.utf8.count + width } ?? 0) }
            for (row, line) in filled.enumerated().prefix(records.count) {
                let place = records.places[row]
                let isLong = line.element.utf8.count > 20
                #expect(place.line == line.offset && place.start == starts[line.offset])
                #expect(place.length == line.element.utf8.count && (place.status == .tooLong) == isLong)
            }
        }
    }
}
