/// The header of messages in Confluent's wire format: a zero byte, then the number of the schema in four bytes. The value
/// follows in Avro, Protobuf or JSON.
package enum WireHeader {
    package static let size = 5

    /// The number of the schema; nil for a message in another format.
    package static func schema(of message: UnsafeRawBufferPointer?) -> UInt32? {
        guard let message, message.count >= size, message[0] == 0 else { return nil }
        return UInt32(bigEndian: message.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
    }
}
