import Plan
import StreamEngine
import Testing

@testable import Postgres

struct NameTests {
    @Test(
        "a table name is parsed as in psql",
        arguments: [
            ("events", nil, "events"), ("Events", nil, "events"), (#""Events""#, nil, "Events"),
            ("app.Log_1", "app", "log_1"), (#"App."a.b""#, "app", "a.b"), (#""a""b""#, nil, #"a"b"#),
            (#"Pre"Mid"Post"#, nil, "preMidpost"), ("Ärger", nil, "Ärger"),
        ] as [(String, String?, String)])
    func parsed(text: String, schema: String?, name: String) throws {
        #expect(try TableName(parsing: text) == TableName(schema: schema, name: name))
    }

    @Test(
        "an invalid table name is refused",
        arguments: [
            "", ".", "a.", ".a", "a.b.c", #""a"#, #""""#, "a\0b", String(repeating: "x", count: 64),
            String(repeating: "é", count: 32),
        ])
    func refused(text: String) {
        #expect {
            try TableName(parsing: text)
        } throws: {
            ($0 as? RunError)?.kind == .usage
        }
    }

    @Test(
        "quotes within a name are doubled",
        arguments: [("a", #""a""#), (#"a"b"#, #""a""b""#), ("é\u{301}", "\"é\u{301}\"")])
    func quoted(name: String, text: String) { #expect(Identifier.quoted(name) == text) }

    @Test("a name has at most 63 bytes") func longest() throws {
        try Identifier.check(String(repeating: "x", count: 63), "table")
    }
}
