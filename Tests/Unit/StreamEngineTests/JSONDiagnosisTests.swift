import Testing

@testable import StreamEngine

@Suite("what is wrong with a malformed record") struct JSONDiagnosisTests {
    private static func defect(_ text: String) -> RecordDefect? {
        Array(text.utf8).withUnsafeBytes { JSONDiagnosis.defect(in: $0) }
    }

    @Test(
        "the first defect is named with its offset",
        arguments: [
            (#"{"a":1,}"#, 7, "a name in double quotes after ','"), (#"{'a':1}"#, 1, "not single quotes"),
            (#"{"a":'x'}"#, 5, "not single quotes"), (#"{a:1}"#, 1, "a name in double quotes"),
            (#"{"a":nan}"#, 5, "nan is not JSON; write null"), (#"{"a":-Inf}"#, 5, "a digit is missing"),
            (#"{"a":NaN,}"#, 9, "after ','"), (#"{"a":-Infinity,}"#, 15, "after ','"),
            (#"{"a":None}"#, 5, "None is not JSON; write null"), (#"{"a":True}"#, 5, "write true"),
            (#"{"a":1}{"a":2}"#, 7, "a second object"), (#"{"a":1},"#, 7, "a comma after the object"),
            (#"{"a":1} x"#, 8, "text after the object"), (#"{"a":1"#, 6, "ends inside the object"),
            (#"{"a":"#, 5, "ends inside the object"), (#"{"a" 1}"#, 5, "expected ':'"),
            (#"{"a":1 "b":2}"#, 7, "expected ',' or '}'"), (#"{"a":[1 2]}"#, 8, "expected ',' or ']'"),
            (#"{"a":[1,]}"#, 8, "a value after ','"), (#"{"a":}"#, 5, "expected a value"),
            (#"{"a":01}"#, 5, "does not begin with 0"), (#"{"a":1.}"#, 5, "a digit is missing"),
            (#"{"a":-}"#, 5, "a digit is missing"), (#"{"a":1e400}"#, 5, "too large"), (#"{"a":.5}"#, 5, "a value"),
            (#"{"a":"x}"#, 5, "the closing quote"), (#"{"a":"\x"}"#, 6, "not an escape"),
            (#"{"a":"\ud800"}"#, 6, "surrogate"), (#"{"a":"\u12"}"#, 6, "four digits"),
            ("{\"a\":\"\u{1}\"}", 6, "a control character"), (#"["a"]"#, 0, "not a JSON object"),
            ("hello", 0, "not a JSON object"), ("", 0, "not a JSON object"), (#"{"é":1,}"#, 8, "after ','"),
        ])
    func defects(_ text: String, _ offset: Int, _ message: String) {
        let found = Self.defect(text)
        #expect(found?.offset == offset)
        #expect(found?.message.contains(message) == true, "\(found?.message ?? "none")")
    }

    @Test("bytes that are not UTF-8 are named") func badUTF8() {
        let bytes: [UInt8] = Array("{\"a\":\"".utf8) + [0xff] + Array("\"}".utf8)
        let found = bytes.withUnsafeBytes { JSONDiagnosis.defect(in: $0) }
        #expect(found?.offset == 6 && found?.message.contains("UTF-8") == true)
    }

    @Test("nesting is limited as in the scanner, and a deep record cannot exhaust the stack") func deep() {
        let limit = RecordScanner.depthLimit
        func nested(_ depth: Int) -> String {
            String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        }
        #expect(Self.defect(nested(limit)) == nil)
        #expect(Self.defect(nested(limit + 1))?.message.contains("deeper") == true)
        #expect(Self.defect(String(repeating: "{\"a\":[", count: 100_000)) != nil)
    }

    @Test(
        "valid records have no defect",
        arguments: [#"{}"#, #" { "a" : [ 1 , {"b":"\u00e9\\"} ] } "#, #"{"a":-0.5e+3}"#])
    func valid(_ text: String) { #expect(Self.defect(text) == nil) }
}
