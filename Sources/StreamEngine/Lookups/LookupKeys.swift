/// The distinct keys of the records of a batch that are looked up, numbered in the order of their first records.
package final class LookupKeys {
    struct Key {
        var start: Int
        var count: Int
        var hash: UInt64
    }

    private let hash: KeyHash
    private(set) var keys: [Key] = []
    private var bytes = ByteBuffer()
    /// The number of a key and 1, by its hash; 0 where there is none.
    private var slots = [UInt32](repeating: 0, count: 256)

    init(_ hash: KeyHash) { self.hash = hash }

    package var count: Int { keys.count }

    func removeAll() {
        keys.removeAll(keepingCapacity: true)
        bytes.removeAll()
        for slot in slots.indices { slots[slot] = 0 }
    }

    /// Adds the key that `body` appends to the bytes, unless it is there.
    ///
    /// - Parameter body: returns false if there is none.
    func add(_ body: (inout ByteBuffer) -> Bool) {
        let start = bytes.count
        guard body(&bytes) else { return bytes.truncate(to: start) }
        let key = Key(
            start: start, count: bytes.count - start,
            hash: bytes.withBytes { hash(UnsafeRawBufferPointer(rebasing: $0[start...])) })
        if keys.count &* 2 >= slots.count { grow() }
        var next = Int(truncatingIfNeeded: key.hash) & (slots.count - 1)
        while slots[next] != 0 {
            if isEqual(keys[Int(slots[next]) - 1], key) { return bytes.truncate(to: start) }
            next = (next + 1) & (slots.count - 1)
        }
        keys.append(key)
        slots[next] = UInt32(truncatingIfNeeded: keys.count)
    }

    private func isEqual(_ left: Key, _ right: Key) -> Bool {
        guard left.hash == right.hash, left.count == right.count else { return false }
        return bytes.withBytes {
            $0[left.start..<left.start + left.count].elementsEqual($0[right.start..<right.start + right.count])
        }
    }

    private func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (number, key) in keys.enumerated() {
            var next = Int(truncatingIfNeeded: key.hash) & (slots.count - 1)
            while slots[next] != 0 { next = (next + 1) & (slots.count - 1) }
            slots[next] = UInt32(truncatingIfNeeded: number + 1)
        }
    }

    /// Calls `body` with the bytes of a key.
    func withBytes<Result>(of number: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let key = keys[number]
        return bytes.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[key.start..<key.start + key.count])) }
    }

    /// The values of a key as texts, as a database reads them.
    package func texts(of number: Int) -> [String] {
        withBytes(of: number) { key in
            guard let base = key.baseAddress else { return [] }
            var texts: [String] = []
            var offset = 0
            while offset < key.count {
                let value = KeyCoding.read(base, at: &offset)
                if value.kind == .string {
                    texts.append(String(decoding: value.bytes, as: UTF8.self))
                } else {
                    var text = ByteBuffer(capacity: 64)
                    text.append(json: value)
                    texts.append(text.text)
                }
            }
            return texts
        }
    }
}
