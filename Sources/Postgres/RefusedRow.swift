/// A row that the database does not take.
package struct RefusedRow: Sendable {
    /// A JSON object: the columns' names, and their values as text or null.
    package var json: [UInt8]
    /// The server's message.
    package var reason: String
}
