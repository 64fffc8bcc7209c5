import CPostgres
import StreamEngine
import Testing

@testable import Postgres

struct DestinationTests {
    @Test(
        "a destination is named without user and options",
        arguments: [
            ("postgresql://db.example:5433/iot", "postgresql://db.example:5433/iot"),
            ("postgres://me@db/iot?sslmode=require", "postgresql://db/iot"),
            ("postgresql:///iot?host=/tmp/s&port=5499", "postgresql:///iot"), ("postgresql://", "postgresql://"),
            ("postgresql://a:1,b:2/x", "postgresql://a:1,b:2/x"),
            ("postgresql://[::1]:5432/x", "postgresql://[::1]:5432/x"),
        ])
    func named(url: String, name: String) throws { #expect(try PostgresDestination(url: url).name == name) }

    @Test(
        "a URL with a password is refused, and never repeated",
        arguments: [
            "postgresql://me:hunter2@db/x", "postgresql://db/x?password=hunter2",
            "postgresql://db/x?sslkey=a&sslpassword=hunter2", "postgresql://me:hunter2%zz@db/x",
            "postgresql://me:hunter2@[db/x", "postgresql://db/x?hunter2", "postgresql://db/x?a=hunter2=b",
            "postgresql://me:hunter2@db/x?nonsense=1", "mysql://me:hunter2@db/x", "postgresql://hunter2\0@db",
        ])
    func withPassword(url: String) {
        #expect {
            try PostgresDestination(url: url)
        } throws: {
            guard let error = $0 as? RunError else { return false }
            return error.kind == .usage && !error.text.contains("hunter2")
        }
    }

    @Test("an option that libpq does not know is named") func unknownOption() {
        #expect(throws: RunError.usage("invalid database URL: invalid URI query parameter 'sslmod'")) {
            try PostgresDestination(url: "postgresql://db/x?sslmod=require")
        }
    }

    @Test("hosts of a list are tried one by one") func hosts() {
        let options = ["host": "a,b", "port": "1,2", "dbname": "x"]
        #expect(
            ConnectionOptions.split(options, options) == [
                ["host": "a", "port": "1", "dbname": "x"], ["host": "b", "port": "2", "dbname": "x"],
            ])
        // From the environment.
        #expect(
            ConnectionOptions.split(["dbname": "x"], ["host": "a,b", "port": "5"]) == [
                ["host": "a", "port": "5", "dbname": "x"], ["host": "b", "port": "5", "dbname": "x"],
            ])
        // libpq says what is wrong with it.
        let odd = ["host": "a,b,c", "port": "1,2"]
        #expect(ConnectionOptions.split(odd, odd) == [odd])
        #expect(ConnectionOptions.split(["host": "a"], ["host": "a"]) == [["host": "a"]])
    }

    @Test("the URL takes precedence over defaults") func defaults() throws {
        let calls = try Library.use()
        let plain = ConnectionOptions(
            try PostgresDestination(url: "postgresql://nowhere.invalid/x"), application: "a", calls)
        let options = try #require(plain.attempts.first)
        #expect(options["keepalives_idle"] == "30")
        #expect(options["tcp_user_timeout"] == "30000")
        #expect(options["target_session_attrs"] == "read-write")
        #expect(options["client_encoding"] == "UTF8")
        #expect(options["fallback_application_name"] == "a")
        #expect(options["gssencmode"] == nil)
        #expect(plain.timeout == 10_000_000)
        let url = "postgresql://h/x?connect_timeout=3&keepalives_idle=5&target_session_attrs=any&client_encoding=LATIN1"
        let said = ConnectionOptions(try PostgresDestination(url: url), application: "a", calls)
        let kept = try #require(said.attempts.first)
        #expect(kept["keepalives_idle"] == "5")
        #expect(kept["target_session_attrs"] == "any")
        #expect(kept["client_encoding"] == "UTF8")
        #expect(said.timeout == 3_000_000)
    }

    @Test(
        "only a connection that leaves the machine needs encryption",
        arguments: [
            ("", true), ("/tmp", true), ("@x", true), ("localhost", true), ("127.0.0.1", true), ("::1", true),
            ("db", false), ("10.0.0.1", false), ("128.0.0.1", false),
        ])
    func local(host: String, isLocal: Bool) { #expect(RetryingConnection.isLocal(host) == isLocal) }
}
