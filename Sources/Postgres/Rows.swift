import Glibc

/// The rows of one commit: COPY text, found by its newlines.
///
/// Tabs and newlines within values are escaped, so each stands only where a value or a row ends.
struct Rows {
    let bytes: UnsafeRawBufferPointer
    /// Where each row starts and ends (behind its newline), in order.
    private(set) var spans: [Range<Int>] = []
    /// Rows left out because a later one has their key.
    private(set) var replacedCount = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        var start = 0
        while start < bytes.count {
            let end = Self.rowEnd(bytes, from: start)
            spans.append(start..<end)
            start = end
        }
    }

    /// Keeps the last of the rows that have the same first `count` values: one upsert may not meet a key twice.
    mutating func keepLast(keyColumns count: Int, seed: UInt64) {
        guard spans.count > 1 else { return }
        var table = KeyTable(capacity: spans.count, seed: seed)
        var kept: [Range<Int>] = []
        kept.reserveCapacity(spans.count)
        // Backwards, so that the first one met is the last one.
        for span in spans.reversed() where table.insert(key(of: span, count), bytes) { kept.append(span) }
        replacedCount += spans.count - kept.count
        guard kept.count < spans.count else { return }
        kept.reverse()
        spans = kept
    }

    mutating func remove(_ isWanted: (Range<Int>) -> Bool) { spans.removeAll(where: isWanted) }

    /// Hands out the bytes of some rows in pieces of at most `limit` bytes; a piece may end within a row.
    func pieces(
        _ rows: Range<Int>, limit: Int = 64 * 1024,
        _ body: (UnsafeRawBufferPointer) throws(AttemptError) -> Void
    ) throws(AttemptError) {
        var i = rows.lowerBound
        while i < rows.upperBound {
            // Rows that stand side by side go together.
            let start = spans[i].lowerBound
            var end = spans[i].upperBound
            i += 1
            while i < rows.upperBound, spans[i].lowerBound == end {
                end = spans[i].upperBound
                i += 1
            }
            var place = start
            while place < end {
                let next = min(end, place + limit)
                try body(UnsafeRawBufferPointer(rebasing: bytes[place..<next]))
                place = next
            }
        }
    }

    private static func rowEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress,
            let newline = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
        else { return bytes.count }
        return UnsafeRawPointer(newline) - base + 1
    }

    private func key(of span: Range<Int>, _ count: Int) -> Range<Int> {
        var tabs = 0
        var i = span.lowerBound
        while i < span.upperBound {
            if bytes[i] == UInt8(ascii: "\t") {
                tabs += 1
                if tabs == count { return span.lowerBound..<i }
            } else if bytes[i] == UInt8(ascii: "\n") {
                break
            }
            i += 1
        }
        return span.lowerBound..<i
    }
}

/// The keys met so far: a hash table with open addressing that holds places, not copies.
private struct KeyTable {
    private var slots: [Slot]
    private let mask: Int
    private let seed: UInt64

    private struct Slot {
        var hash: UInt64 = 0
        /// -1: empty.
        var start = -1
        var count = 0
    }

    /// - Parameter capacity: the most keys that will come.
    init(capacity: Int, seed: UInt64) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        mask = size - 1
        self.seed = seed
    }

    /// - Returns: false when the key was met before.
    mutating func insert(_ key: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let text = UnsafeRawBufferPointer(rebasing: bytes[key])
        let hash = hash(text)
        var i = Int(truncatingIfNeeded: hash) & mask
        while slots[i].start >= 0 {
            if slots[i].hash == hash, slots[i].count == key.count,
                let old = bytes.baseAddress.map({ $0 + slots[i].start }), let new = text.baseAddress,
                memcmp(old, new, key.count) == 0
            {
                return false
            }
            i = (i + 1) & mask
        }
        slots[i] = Slot(hash: hash, start: key.lowerBound, count: key.count)
        return true
    }

    /// Multiply and fold, from a secret seed: nobody can choose keys that collide.
    private func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var state = fold(seed ^ UInt64(truncatingIfNeeded: text.count), 0x9e37_79b9_7f4a_7c15)
        var i = 0
        while i + 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: i, as: UInt64.self)
            state = fold(word ^ 0xa076_1d64_78bd_642f, state ^ 0xe703_7ed1_a0b4_28db)
            i += 8
        }
        var rest: UInt64 = 0
        while i < text.count {
            rest = rest << 8 | UInt64(text[i])
            i += 1
        }
        return fold(rest ^ seed, state ^ 0x8ebc_6af0_9c88_c6e3)
    }

    private func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
