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
}
