/// Computes the fingerprint of the `--dedup` key of every record of a batch, from the typed bytes that group keys have.
final class FingerprintStep: ColumnStep {
    private let columns: [Int]
    /// Keys of one text are hashed where they are, all others as typed bytes.
    private let texts: FingerprintHash
    private let typed: FingerprintHash
    private var buffer = ByteBuffer(capacity: 256)

    init(_ columns: [Int], seed: UInt64) {
        self.columns = columns
        texts = FingerprintHash(seed: seed, kind: 1)
        typed = FingerprintHash(seed: seed, kind: 2)
    }

    func apply(to records: inout Records, of batch: borrowing Batch) {
        records.reserveFingerprints()
        guard let fingerprints = records.fingerprints else { return }
        let isSingle = columns.count == 1
        for row in 0..<records.count {
            guard records.places[row].status == .accepted else {
                fingerprints[row] = .none
                continue
            }
            let value = records.columns[columns[0]][row]
            if isSingle, value.kind == .string {
                let text = value.bytes
                fingerprints[row] = text.baseAddress.map { texts($0, text.count) } ?? texts(emptyText, 0)
            } else {
                fingerprints[row] = fingerprint(row, records)
            }
        }
    }

    /// For a text without bytes, of which none is read.
    private var emptyText: UnsafeRawPointer { UnsafeRawPointer(buffer.start(padding: 16)) }

    private func fingerprint(_ row: Int, _ records: borrowing Records) -> KeyFingerprint {
        buffer.removeAll()
        var hasValue = false
        for column in columns {
            let value = records.columns[column][row]
            hasValue = hasValue || !value.isNull
            KeyCoding.append(value, to: &buffer)
        }
        guard hasValue else { return .none }
        return buffer.withBytes { bytes in bytes.baseAddress.map { typed($0, bytes.count) } ?? .none }
    }
}
