import Synchronization

/// The same with several threads: what each row has to say is found range by range; then the rows are distributed by their
/// first bytes until the buckets are small, and these are sorted one by one.
extension KeySort.Sorting {
    typealias Rows = KeySort.Rows

    /// Rows that come before those of the next bucket.
    struct Bucket {
        let rows: Rows
        let count: Int
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
        sortBuckets([Bucket(rows: rows, count: count)], common, crew)
    }

    /// Sorts the rows of each bucket by their prefixes.
    func sortBuckets(_ given: [Bucket], _ common: CommonPrefix, _ crew: any Crew) {
        let total = given.reduce(0) { $0 + $1.count }
        let largest = max(total / (4 * crew.width), crew.piece)
        var buckets: [Bucket] = []
        for bucket in given { split(bucket, largest: largest, into: &buckets) }
        // The large ones first, so that no thread ends with one of them while the others have nothing to do.
        buckets.sort { $0.count > $1.count }
        let parts = buckets
        crew.run(parts.count) { number in
            let counts = Self.allocateCounts()
            defer { counts.deallocate() }
            KeySort.Sorting(slots: slots, fields: fields, counts: counts)
                .radix(parts[number].rows, parts[number].count, common, 0)
        }
    }

    /// Distributes rows by their prefixes, until a bucket has at most `largest` rows or they are all the same.
    private func split(_ bucket: Bucket, largest: Int, into buckets: inout [Bucket]) {
        let (rows, count) = (bucket.rows, bucket.count)
        guard count > largest, let digit = distribute(rows, count) else {
            if count > 1 { buckets.append(bucket) }
            return
        }
        var start = 0
        while start < count {
            let length = run(rows + start, count &- start, digit)
            split(Bucket(rows: rows + start, count: length), largest: largest, into: &buckets)
            start &+= length
        }
    }
}
