import Foundation
import Testing

/// A new database on the server that `STREAMCTL_TEST_POSTGRES` names by a URL without a password. Examples call it `iot`.
struct ExampleDatabase {
    private let name = "iot_" + UUID().uuidString.prefix(8).lowercased()
    /// Lines for the shell that lead libpq to the server.
    let exports: String

    private static let variable = ProcessInfo.processInfo.environment["STREAMCTL_TEST_POSTGRES"] ?? ""
    static var isThere: Bool { !variable.isEmpty }

    /// nil: the variable is not set.
    init?() throws {
        guard Self.isThere else { return nil }
        let url = try #require(URLComponents(string: Self.variable), "STREAMCTL_TEST_POSTGRES is no URL")
        let variables = [
            ("PGHOST", url.host), ("PGPORT", url.port.map(String.init)), ("PGUSER", url.user), ("PGTZ", "UTC"),
        ]
        exports = variables.compactMap { name, value in value.map { "export \(name)='\($0)'\n" } }.joined()
        try administer("CREATE DATABASE \(name)")
    }

    func drop() {
        do { try administer("DROP DATABASE \(name) WITH (FORCE)") } catch { Issue.record(error) }
    }

    private func administer(_ statement: String) throws {
        let outcome = try shell(
            exports + "psql -X -q -d postgres -c '\(statement)'", in: FileManager.default.temporaryDirectory,
            mergesErrors: true)
        try #require(outcome.status == 0, "\(statement): \(outcome.text)")
    }

    /// A command with the database as it is really called, and a text with it as examples call it.
    func real(_ command: String) -> String { command.replacing(/\biot\b/, with: name) }
    func shown(_ text: String) -> String { text.replacing(name, with: "iot") }
}
