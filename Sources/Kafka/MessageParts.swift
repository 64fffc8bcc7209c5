import CRDKafka

/// The name of a header as a C string, which lives as long as this object.
final class HeaderName: Sendable {
    nonisolated(unsafe) let text: UnsafeMutablePointer<CChar>

    init(_ name: String) {
        let bytes = Array(name.utf8CString)
        text = .allocate(capacity: bytes.count)
        text.initialize(from: bytes, count: bytes.count)
    }

    deinit { text.deallocate() }
}

/// A header of a message.
package struct MessageHeader {
    let name: HeaderName
    /// Valid until the message is in librdkafka's queue, which copies it.
    let value: UnsafeRawBufferPointer
}

/// A message with headers as the list that `rd_kafka_produceva` takes.
struct MessageParts {
    let list: [rd_kafka_vu_t]

    init(
        _ topic: OpaquePointer, _ value: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer?,
        _ headers: [MessageHeader], _ opaque: UnsafeMutableRawPointer?
    ) {
        func part(_ type: rd_kafka_vtype_t, _ fill: (inout rd_kafka_vu_t) -> Void) -> rd_kafka_vu_t {
            var part = rd_kafka_vu_t()
            part.vtype = type
            fill(&part)
            return part
        }
        func bytes(_ type: rd_kafka_vtype_t, _ bytes: UnsafeRawBufferPointer) -> rd_kafka_vu_t {
            part(type) {
                $0.u.mem.ptr = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                $0.u.mem.size = bytes.count
            }
        }
        var list = [
            part(RD_KAFKA_VTYPE_RKT) { $0.u.rkt = topic }, bytes(RD_KAFKA_VTYPE_VALUE, value),
            part(RD_KAFKA_VTYPE_MSGFLAGS) { $0.u.i = RD_KAFKA_MSG_F_COPY },
            part(RD_KAFKA_VTYPE_OPAQUE) { $0.u.ptr = opaque },
        ]
        if let key { list.append(bytes(RD_KAFKA_VTYPE_KEY, key)) }
        for header in headers {
            list.append(
                part(RD_KAFKA_VTYPE_HEADER) {
                    $0.u.header.name = UnsafePointer(header.name.text)
                    $0.u.header.val = header.value.baseAddress
                    $0.u.header.size = header.value.count
                })
        }
        self.list = list
    }
}
