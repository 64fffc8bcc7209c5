import StreamEngine
import System

/// Decodes keys and values in Confluent's wire format: a zero byte, the number of the schema in four bytes, and data.
///
/// Used by one thread at a time.
final class WireDecoder {
    private let registry: SchemaRegistry
    private let limit: Int
    private var key = Part()
    private var value = Part()

    /// What keys need, or values.
    private struct Part: ~Copyable {
        var reader = AvroReader()
        /// The schema used last.
        var number: UInt32?
        var schema = MessageSchema.json

        /// The schema with this number if it is known.
        private mutating func find(_ number: UInt32, _ registry: SchemaRegistry) -> MessageSchema? {
            if number == self.number { return schema }
            guard let schema = registry.known(number) else { return nil }
            // The registry may learn of a schema that it did not know.
            if case .refused = schema { return schema }
            self.number = number
            self.schema = schema
            return schema
        }

        /// Calls `body` with the text, or with the bytes and the reason why they cannot be decoded.
        mutating func decode(
            _ bytes: UnsafeRawBufferPointer, _ number: UInt32, _ registry: SchemaRegistry, _ limit: Int, isKey: Bool,
            _ body: (UnsafeRawBufferPointer?, RecordDefect?) -> Void
        ) {
            let content = UnsafeRawBufferPointer(rebasing: bytes[WireHeader.size...])
            switch find(number, registry) {
            case nil: body(bytes, nil)
            case .json: body(content, nil)
            case .refused(let reason): body(bytes, RecordDefect(offset: 0, message: reason, showsText: false))
            case .avro(let schema):
                if let defect = reader.read(content, schema, limit: limit, isKey: isKey) {
                    let place = defect.offset + WireHeader.size
                    let message = "byte \(place): \(defect.message) (schema \(number))"
                    return body(bytes, RecordDefect(offset: 0, message: message, showsText: false))
                }
                reader.withText { body($0, nil) }
            }
        }
    }

    /// - Parameter limit: the longest record, in bytes.
    init(_ registry: SchemaRegistry, limit: Int) {
        self.registry = registry
        self.limit = limit
    }

    /// Whether the schemas of these are known, so that nothing waits for the registry.
    func isReady(_ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?) -> Bool {
        if let number = WireHeader.schema(of: value), number != self.value.number, !registry.isKnown(number) {
            return false
        }
        if let number = WireHeader.schema(of: key), number != self.key.number, !registry.isKnown(number) {
            return false
        }
        return true
    }

    /// Asks the registry for the schemas of these.
    ///
    /// - Returns: false while it cannot be reached: ask again.
    func prepare(_ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?) throws(RunError) -> Bool {
        for part in [key, value] {
            guard let number = WireHeader.schema(of: part) else { continue }
            do throws(RunError) {
                guard try registry.schema(number) != nil else { return false }
            } catch {
                throw error.kind == .interrupted ? error : error.about("schema \(number)")
            }
        }
        return true
    }

    /// Calls `body` with the JSON text of a value, or with its bytes and the reason why it cannot be decoded.
    func decode(
        value bytes: UnsafeRawBufferPointer?, _ body: (UnsafeRawBufferPointer?, RecordDefect?) -> Void
    ) {
        guard let bytes, let number = WireHeader.schema(of: bytes) else { return body(bytes, nil) }
        value.decode(bytes, number, registry, limit, isKey: false, body)
    }

    /// Calls `body` with the text of a key. One that cannot be decoded stays as it is: a number of eight bytes may look
    /// like a header.
    func decode(key bytes: UnsafeRawBufferPointer?, _ body: (UnsafeRawBufferPointer?) -> Void) {
        guard let bytes, let number = WireHeader.schema(of: bytes) else { return body(bytes) }
        key.decode(bytes, number, registry, limit, isKey: true) { text, _ in body(text) }
    }
}
