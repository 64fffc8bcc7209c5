import Testing

@testable import Postgres

struct FaultTests {
    @Test(
        "the SQLSTATE determines how an error is handled",
        arguments: [
            (["40001", "40P01", "55P03", "57014", "53100", "53200", "53300", "53400"], ServerError.Kind.transient),
            (
                [
                    "57P01", "57P02", "57P03", "57P05", "08000", "08006", "08007", "40003", "25006", "25P03", "58030",
                ], .connection
            ),
            (["22P02", "22003", "22021", "23502", "23505", "23514", "54000", "21000", "P0001"], .row),
            (["28000", "3D000", "3F000", "42501", "42P01", "42703", "0A000", "54001"], .mismatch),
            (["XX000", "XX001", "25P02", ""], .other),
        ])
    func kinds(codes: [String], kind: ServerError.Kind) {
        for code in codes { #expect(ServerError(code: code, message: "").kind == kind, "\(code)") }
    }

    @Test("the last line of a failed connection counts, with its code")
    func failureText() {
        let refused = FailureText.parse(
            """
            connection to server at "localhost" (::1), port 1 failed: Connection refused
            \tIs the server running on that host and accepting TCP/IP connections?
            connection to server at "localhost" (127.0.0.1), port 1 failed: FATAL:  28P01: password authentication failed for user "x"
            LOCATION:  auth_failed, auth.c:330

            """)
        #expect(refused.code == "28P01")
        #expect(
            refused.text
                == #"connection to server at "localhost" (127.0.0.1), port 1 failed: FATAL: password authentication failed for user "x""#
        )
        let silent = FailureText.parse("connection to server failed: Connection refused\n\tIs it running?\n")
        #expect(silent.code == nil)
        #expect(silent.text == "connection to server failed: Connection refused")
        #expect(FailureText.parse("").text == "connection failed")
        #expect(FailureText.parse("FATAL:  28P0").code == nil)
    }

    @Test("57P03 and 53300 are transient, a wrong password is not") func connectFailures() {
        #expect(ConnectFailure.refused(code: "57P03", "").isTransient)
        #expect(ConnectFailure.refused(code: "53300", "").isTransient)
        #expect(!ConnectFailure.refused(code: nil, "").isTransient)
        #expect(ConnectFailure.refused(code: "28P01", "").isFinal)
        #expect(ConnectFailure.refused(code: "3D000", "").isFinal)
        #expect(!ConnectFailure.refused(code: nil, "").isFinal)
    }

    @Test(
        "a password is removed from a message",
        arguments: [
            ("", "a text", "a text"), ("x", "a text", "a te***t"), ("geheim", "geheimgeheim!", "******!"),
            ("é", "e\u{301} é", "e\u{301} ***"), ("longer than the text", "short", "short"), ("a", "b\na", "b"),
        ])
    func secrets(secret: String, text: String, clean: String) { #expect(Secrets.remove(secret, from: text) == clean) }

    @Test("a long detail is left out") func detail() {
        #expect(ServerError(code: "23505", message: "m", detail: "d").text == "m (d)")
        #expect(ServerError(code: "23505", message: "m", detail: String(repeating: "d", count: 201)).text == "m")
    }
}
