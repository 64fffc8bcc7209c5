import Synchronization

/// The same with several threads: what each row has to say is found range by range; then the rows are distributed by their
/// first bytes until the buckets are small, and these are sorted one by one.
extension KeySort.Sorting {
    private typealias Rows = KeySort.Rows

    /// Rows that come before those of the next bucket, and the bytes of their prefixes that differ.
    private struct Bucket {
        let rows: Rows
        let count: Int
        let shift: Int
    }

    /// What the threads find out together.
    private final class Findings: Sendable {
        let common: Mutex<CommonPrefix>
        let areIntegers = Atomic<Bool>(true)
        init(fields: Int) { common = Mutex(CommonPrefix(fields: fields, text: -1)) }
    }

    func sort(_ rows: KeySort.Rows, _ count: Int, _ crew: any Crew) {
        let findings = Findings(fields: fields)
        let sample = slot(rows[0])
        crew.run(over: count, least: crew.piece) { range in
            var common = CommonPrefix(fields: fields, text: -1)
            for i in range { common = min(common, CommonPrefix.of(slot(rows[i]), sample, fields, atMost: common)) }
            findings.common.withLock { $0 = min($0, common) }
        }
        let common = findings.common.withLock { $0 }
        guard common.fields < fields else { return }
        crew.run(over: count, least: crew.piece) { range in
            if !areIntegers(rows + range.lowerBound, range.count, common) {
                findings.areIntegers.store(false, ordering: .relaxed)
            }
        }
        let haveIntegers = findings.areIntegers.load(ordering: .relaxed)
        crew.run(over: count, least: crew.piece) { range in
            setPrefixes(rows + range.lowerBound, range.count, common, areIntegers: haveIntegers)
        }
        var buckets: [Bucket] = []
        split(rows, count, shift: 56, largest: max(count / (4 * crew.width), crew.piece), into: &buckets)
        // The large ones first, so that no thread ends with one of them while the others have nothing to do.
        buckets.sort { $0.count > $1.count }
        let parts = buckets
        crew.run(parts.count) { number in
            let part = parts[number]
            let counts = UnsafeMutablePointer<Int>.allocate(capacity: 512)
            defer { counts.deallocate() }
            KeySort.Sorting(slots: slots, fields: fields, counts: counts)
                .radix(part.rows, part.count, shift: part.shift, common, 0)
        }
    }

    /// Distributes rows by the bytes of their prefixes from `shift` down, until a bucket has at most `largest` rows.
    private func split(_ rows: Rows, _ count: Int, shift: Int, largest: Int, into buckets: inout [Bucket]) {
        guard count > largest, shift >= 0 else {
            if count > 1 { buckets.append(Bucket(rows: rows, count: count, shift: shift)) }
            return
        }
        counts.update(repeating: 0, count: 256)
        for i in 0..<count { counts[byte(rows[i], shift)] &+= 1 }
        if counts[byte(rows[0], shift)] < count { distribute(rows, shift) }
        var start = 0
        while start < count {
            let end = start &+ run(rows + start, count &- start, byte(rows[start], shift), shift)
            split(rows + start, end &- start, shift: shift &- 8, largest: largest, into: &buckets)
            start = end
        }
    }
}
