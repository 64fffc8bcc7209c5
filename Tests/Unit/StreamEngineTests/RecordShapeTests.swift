import Testing

@testable import StreamEngine

@Suite("shapes of records")
struct RecordShapeTests {
    /// Reads lines with the shape of the first one alone; none is scanned.
    ///
    /// - Returns: the values of those that fit, up to the first that does not.
    private func read(_ lines: [String], _ fields: String...) throws -> [[String]] {
        var shape = RecordShape()
        return try read(lines, fields) { base, end, rows, writer, _ in
            shape.learn(base, from: 0, to: end, &writer)
            shape.take(base, to: end, rows)
        }
    }

    /// Reads lines without the scanner.
    private func read(
        _ lines: [String], _ fields: [String],
        by take: (UnsafeRawPointer, Int, UnsafeMutablePointer<RowCursor>, inout FieldWriter, inout Records) -> Void
    ) throws -> [[String]] {
        let paths = try fields.map { try FieldPath.parse($0) } + [FieldPath(name: Array("$watermark".utf8))]
        var writer = FieldWriter(paths)
        var batch = Batch(capacity: 64)
        Array((lines.joined(separator: "\n") + "\n").utf8).withUnsafeBytes { batch.append($0) }
        batch.seal()
        var records = Records(columnCount: paths.count)
        records.begin(batch)
        let rows = UnsafeMutablePointer<RowCursor>.allocate(capacity: 1)
        defer { rows.deallocate() }
        rows.initialize(to: RowCursor(&records, from: 0, maxLine: 200))
        let base = try #require(batch.bytes.baseAddress)
        take(base, batch.count + Batch.padding, rows, &writer, &records)
        return (0..<rows.pointee.row).map { row in
            let length = lines[row].filter { $0 != "\r" }.utf8.count
            #expect(records.places[row].line == row && records.places[row].length == length)
            return fields.indices.map { describe(records.columns[$0][row]) }
        }
    }

    @Test("a record fits if it differs in digits and in characters of strings only")
    func fits() throws {
        let found = try read(
            [
                #"{"k":"ab","v":1.50,"n":{"t":-12},"w":true,"u":[7,"x"],"i":1767225600000}"#,
                ##"{"k":"~#","v":9.05,"n":{"t":-90},"w":true,"u":[0,"#"],"i":9999999999999}"##,
                #"{"k":"]|","v":0.00,"n":{"t":-99},"w":true,"u":[8,"{"],"i":1000000000000}"#,
            ], "k", "v", "n.t", "w", "i")
        #expect(
            found == [
                ["string ab", "double 1.5", "-12", "true", "1767225600000"],
                ["string ~#", "double 9.05", "-90", "true", "9999999999999"],
                ["string ]|", "double 0.0", "-99", "true", "1000000000000"],
            ])
    }

    @Test(
        "a record does not fit if anything else differs",
        arguments: [
            #"{"k":"ab","v":12.5,"w":null}"#, #"{"k":"a\"","v":1.25,"w":null}"#, #"{"k":"a"","v":1.25,"w":null}"#,
            #"{"k":"\\n","v":1.25,"w":null}"#, #"{"k":"\#u{e9}","v":1.25,"w":null}"#, #"{"k":"ab","v":1.2e,"w":null}"#,
            #"{"k":"ab","v":1.25,"x":null}"#, #"{"k":"ab","v":1.25,"w":true}"#, #"{"k":"ab","v":1.25,"w":null} "#,
            #"{"k":"ab","v":1.25 "w":null}"#, #"{"k":"a\#u{1f}","v":1.25,"w":null}"#,
            #"{"k":"a\#t","v":1.25,"w":null}"#,
            #"{"k":"ab","v":-.25,"w":null}"#, #"{"k":"ab","v":1.25,"w":null,}"#, #"{"k":"ab","v":1.25,"w":null"#,
        ])
    func doesNotFit(other: String) throws {
        let line = #"{"k":"ab","v":1.25,"w":null}"#
        #expect(try read([line, line, other], "k", "v").count == 2)
    }

    @Test("blanks and exclamation marks are where they were")
    func blanks() throws {
        let lines = [#"{"k":"a b"}"#, #"{"k":"c!d"}"#, #"{"k":"~ #"}"#, #"{"k":"abc"}"#]
        #expect(try read(lines, "k") == [["string a b"], ["string c!d"], ["string ~ #"]])
    }

    @Test("a number with several digits does not fit if it begins with a zero")
    func leadingZero() throws {
        #expect(try read([#"{"v":10}"#, #"{"v":99}"#, #"{"v":09}"#], "v") == [["10"], ["99"]])
        #expect(try read([#"{"v":-10.5}"#, #"{"v":-00.5}"#], "v") == [["double -10.5"]])
    }

    @Test(
        "a record has no shape if its values depend on more than its bytes",
        arguments: [
            #"{"v":1,"v":2}"#, #"{"v":1,"a":{"b":2},"a":3}"#, #"{"a":{"b":2},"a":{}}"#, #"{"a.b":1,"a":{"b":2}}"#,
            #"{"a":{"b":1},"a.b":2}"#, #"{"a":7}"#, #"{"o":{}}"#, #"{"o":[1]}"#, #"{"$watermark":"2026"}"#,
            #"{"v":1e3}"#,
            #"{"v":12345678901234567890}"#, #"{"v":NaN}"#, #"{"k\u0065":1}"#, #"{"v":"\n"}"#, #"{"v":1}{"v":2}"#, "[1]",
            "{",
            #"{"v":1,}"#, #"{"v":01}"#, #"{"v":1.}"#, #"{"v":-}"#, #"{"v":tru}"#, #"{"v" 1}"#, #"{"v":[1 2]}"#,
            #"{v:1}"#,
            #"{"k":""# + String(repeating: "x", count: 200) + #""}"#,
            #"{"x":""# + String(repeating: "x", count: 600) + #""}"#,
            String(repeating: #"{"x":"#, count: 9) + "1" + String(repeating: "}", count: 9),
        ])
    func withoutShape(line: String) throws {
        #expect(try read([line, line], "v", "a.b", "o").isEmpty)
    }

    /// The lengths of the runs of records that are read without the scanner, 0 for a record that would be scanned.
    private func runs(_ lines: [String], _ prediction: inout ShapePrediction) throws -> [Int] {
        var runs: [Int] = []
        var rest = lines[...]
        while !rest.isEmpty, prediction.isOn {
            var length = 0
            _ = try read(Array(rest), ["v"]) { base, end, rows, writer, records in
                if prediction.take(base, from: 0, to: end, rows, &writer, &records) { length = rows.pointee.row }
            }
            runs.append(length)
            rest = rest.dropFirst(max(1, length))
        }
        return runs
    }

    @Test("a shape that is gone is replaced")
    func replaced() throws {
        let short = Array(repeating: #"{"v":1}"#, count: 20)
        let long = Array(repeating: #"{"v":22,"k":"x"}"#, count: 20)
        var prediction = ShapePrediction()
        #expect(try runs(short + long + short, &prediction) == [20, 0, 0, 0, 17, 0, 0, 0, 17])
    }

    @Test("records that differ are not compared for long, and later again")
    func pauses() throws {
        let different = (0..<200).map { #"{"v":1,"k":"\#(String(repeating: "x", count: $0 % 150))"}"# }
        let alike = Array(repeating: #"{"v":1}"#, count: 300)
        var prediction = ShapePrediction()
        var wasOn: [Bool] = []
        for batch in 0..<500 {
            prediction.beginBatch()
            wasOn.append(prediction.isOn)
            _ = try runs(batch < 200 ? different : alike, &prediction)
        }
        #expect(wasOn[..<200].filter { $0 }.count < 12 && wasOn[300...].allSatisfy { $0 })
    }

    @Test("numbers of a known shape are the numbers that a full reading gives")
    func numbers() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let digits = Int.random(in: 1...8, using: &random)
            let whole = Int.random(in: 1...digits, using: &random)
            let sign = Bool.random(using: &random) ? "-" : ""
            func text() -> String {
                var text =
                    sign
                    + (whole == 1
                        ? "\(Int.random(in: 0...9, using: &random))" : "\(Int.random(in: 1...9, using: &random))")
                for _ in 1..<whole { text += "\(Int.random(in: 0...9, using: &random))" }
                if digits > whole { text += "." }
                for _ in whole..<digits { text += "\(Int.random(in: 0...9, using: &random))" }
                return text
            }
            let model = Array(text().utf8)
            let other = Array((text() + ",345678901234567890").utf8)
            let shape = model.withUnsafeBytes { NumberShape($0) }
            #expect((shape != nil) == (model.count - sign.utf8.count <= 8 && (sign.isEmpty || digits > whole)))
            guard let shape else { continue }
            other.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                let (found, expected) = (shape.value(base, 0), JSONNumber.parse(base, from: 0).value)
                #expect(
                    found.kind == expected.kind && found.bits == expected.bits,
                    "\(String(decoding: other, as: UTF8.self))")
            }
        }
    }
}
