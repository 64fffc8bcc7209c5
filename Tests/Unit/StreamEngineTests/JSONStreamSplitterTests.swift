import Testing

@testable import StreamEngine

@Suite("JSON values are cut between two of them, however they arrive") struct JSONStreamSplitterTests {
    /// Feeds a text in pieces, as a source does.
    ///
    /// - Returns: the batches.
    private static func batches(_ text: [UInt8], maxLine: Int = 1 << 20, piece: () -> Int) -> [[UInt8]] {
        let splitter = JSONStreamSplitter(maxLine: maxLine)
        var batch = Batch(capacity: 8)
        var batches: [[UInt8]] = []
        var position = 0
        while position < text.count {
            let next = text[position...].prefix(max(1, piece()))
            Array(next).withUnsafeBytes { batch.append($0) }
            position += next.count
            guard let end = splitter.cut(&batch, isAtEnd: false) else { continue }
            batches.append(Array(batch.bytes[..<end]))
            let rest = Array(batch.bytes[end...])
            batch.removeAll()
            rest.withUnsafeBytes { batch.append($0) }
        }
        if batch.count > 0 {
            let end = splitter.cut(&batch, isAtEnd: true) ?? batch.count
            batches.append(Array(batch.bytes[..<end]))
            if end < batch.count { batches.append(Array(batch.bytes[end...])) }
        }
        return batches
    }

    private static func rows(_ batches: [[UInt8]]) throws -> [String] {
        var query = Query()
        query.select = [NamedExpression(name: "a", expression: .field(try FieldPath.parse("a")))]
        let steps = batches.enumerated().map { EngineStep.lines($0.element, startsInput: $0.offset == 0) }
        let result = try runEngine(query, steps, format: .jsonStream)
        return result.lines + result.rejectText.split(separator: "\n").map(String.init)
    }

    private static let text = #"""
        {"a":"}\\\"{","b":{"c":[{}, "\\"]}} {"a":2}{"a":"é\u00e9\\"}
        [ {"a" : 4},
        {
          "a": "\"", "x": {"y": {"z": "{{{"}}
        } ]
        {"a":6}
        """#

    @Test("in pieces of every size") func sizes() throws {
        let text = Array(Self.text.utf8)
        let whole = try Self.rows([text])
        #expect(whole.count == 6)
        for size in 1...text.count {
            let batches = Self.batches(text) { size }
            #expect(Array(batches.joined()) == text)
            #expect(try Self.rows(batches) == whole, "\(size)")
        }
    }

    @Test("cut at every place") func places() throws {
        let text = Array(Self.text.utf8)
        let whole = try Self.rows([text])
        for cut in 1..<text.count {
            var first = true
            let batches = Self.batches(text) {
                defer { first = false }
                return first ? cut : text.count
            }
            #expect(try Self.rows(batches) == whole, "\(cut)")
        }
    }

    @Test("a long value that arrives in many pieces is walked once")
    func long() {
        // Quadratic work would take minutes.
        let text = Array(
            "{\"a\":\"\(String(repeating: "x\\\"", count: 400_000))\",\"b\":[\(String(repeating: "{},", count: 200_000))1]}"
                .utf8)
        let batches = Self.batches(text, maxLine: 1 << 30) { 64 }
        #expect(batches.count == 1 && batches[0].count == text.count)
    }

    @Test("an object that does not end is rejected, and reading goes on at the next line, whatever was read before it")
    func unclosed() throws {
        let text = #"{"a":1,"b":[\#n{"a":2}\#n{"a":3}\#n{"a":4,"b":[\#n{"a":5}\#n"#
        let found = try Self.rows([Array(text.utf8)])
        #expect(found.prefix(3) == [#"{"a":2}"#, #"{"a":3}"#, #"{"a":5}"#] && found.count == 5)
        var random = SeededGenerator(seed: 7)
        let broken = [
            #"{"a":1,"b":["#, #"{"a":1,"b":{"#, #"{"a":1"#, #"{"a":"x"#, #"{"a":1}}"#, #"{"a":}"#, #"{"a":1,"#, "x",
            "]",
        ]
        for round in 0..<300 {
            let lines = (0..<12).map { number in
                Bool.random(using: &random)
                    ? #"{"a":\#(number)}"# : broken[Int.random(in: 0..<broken.count, using: &random)]
            }
            let text = lines.joined(separator: "\n") + "\n"
            let known = String(repeating: "{\"a\":0}\n", count: 5)
            let alone = try Self.rows([Array(text.utf8)])
            let after = try Self.rows([Array((known + text).utf8)])
            // Messages name other lines.
            let rows = alone.filter { $0.hasPrefix("{\"a\":") }
            #expect(after.filter { $0.hasPrefix("{\"a\":") }.dropFirst(5) == rows[...], "\(round) \(lines)")
            #expect(after.count == alone.count + 5, "\(round) \(lines)")
        }
    }
}
