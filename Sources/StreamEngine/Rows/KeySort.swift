/// Sorts rows by their keys: field by field, null < booleans < numbers < strings, strings bytewise.
///
/// Every row holds eight bytes of its key that compare like it, and rows are sorted by those alone, in place, bucket by
/// bucket (McIlroy, Bostic and McIlroy, "Engineering radix sort", 1993), by the bits that differ (`SortDigit`). A prefix
/// that all keys share is left out of the eight bytes. Rows with equal bytes get the next ones.
enum KeySort {
    typealias Rows = UnsafeMutablePointer<PendingRows.Row>

    /// Up to this number, rows are inserted one by one.
    private static let few = 24
    /// How often rows may get new bytes before whole keys are compared.
    private static let depthLimit = 64

    static func sort(
        _ rows: Rows, _ count: Int, _ groups: borrowing GroupTable, fields: Int, _ crew: any Crew = SingleCrew()
    ) {
        guard count > 1, fields > 0 else { return }
        let counts = Sorting.allocateCounts()
        defer { counts.deallocate() }
        let sorting = Sorting(slots: groups.slots.chunks, fields: fields, counts: counts)
        if crew.width > 1, count / 8 > crew.piece {
            sorting.sort(rows, count, crew)
        } else {
            sorting.refine(rows, count, after: CommonPrefix(fields: 0, text: -1), depth: 0)
        }
    }

    struct Sorting {
        let slots: ChunkedArray<GroupTable.Slot>.Chunks
        let fields: Int
        /// For every digit: where the next row of its bucket goes, and where the bucket ends.
        let counts: UnsafeMutablePointer<Int>

        static func allocateCounts() -> UnsafeMutablePointer<Int> { .allocate(capacity: 2 * SortDigit.mostBuckets) }

        @inline(__always) func slot(_ row: PendingRows.Row) -> UnsafePointer<GroupTable.Slot> {
            UnsafePointer(ChunkedArray<GroupTable.Slot>.place(Int(row.slot), in: slots))
        }

        /// Sorts rows that share the prefix `known`, by the bytes after the prefix that they all share.
        func refine(_ rows: Rows, _ count: Int, after known: CommonPrefix, depth: Int) {
            guard count > KeySort.few, depth < KeySort.depthLimit else { return compareAll(rows, count) }
            let sample = slot(rows[0])
            var common = CommonPrefix(fields: fields, text: -1)
            for i in 1..<count where common > known || depth == 0 {
                common = min(common, CommonPrefix.of(slot(rows[i]), sample, fields, atMost: common))
            }
            guard common.fields < fields else { return }
            guard common > known || depth == 0 else { return compareAll(rows, count) }
            setPrefixes(rows, count, common, areIntegers: areIntegers(rows, count, common))
            radix(rows, count, common, depth)
        }

        /// Whether the first fields that the keys do not share are all integers.
        func areIntegers(_ rows: Rows, _ count: Int, _ common: CommonPrefix) -> Bool {
            common.text < 0 && (0..<count).allSatisfy { common.field(slot(rows[$0])).kind == .integer }
        }

        /// The prefix of one slot, as `setPrefixes` finds it for many.
        @inline(__always) func prefix(
            _ slot: UnsafePointer<GroupTable.Slot>, _ common: CommonPrefix, areIntegers: Bool
        ) -> UInt64 {
            let field = common.field(slot)
            if common.text >= 0 { return SortPrefix.ofText(field, after: common.text) }
            return areIntegers ? SortPrefix.ofInteger(field) : SortPrefix.of(field)
        }

        func setPrefixes(_ rows: Rows, _ count: Int, _ common: CommonPrefix, areIntegers: Bool) {
            if common.text >= 0 {
                for i in 0..<count {
                    rows[i].prefix = SortPrefix.ofText(common.field(slot(rows[i])), after: common.text)
                }
            } else if areIntegers {
                for i in 0..<count { rows[i].prefix = SortPrefix.ofInteger(common.field(slot(rows[i]))) }
            } else {
                for i in 0..<count { rows[i].prefix = SortPrefix.of(common.field(slot(rows[i]))) }
            }
        }

        /// Sorts rows by their prefixes.
        func radix(_ rows: Rows, _ count: Int, _ common: CommonPrefix, _ depth: Int) {
            if count <= KeySort.few { return insertAll(rows, count) }
            guard let digit = distribute(rows, count) else {
                return refine(rows, count, after: common, depth: depth + 1)
            }
            // The counts are reused for the buckets, so the ends of the buckets are found in the rows.
            var start = 0
            while start < count {
                let end = start &+ run(rows + start, count &- start, digit)
                radix(rows + start, end &- start, common, depth)
                start = end
            }
        }

        /// Moves every row into the bucket of its digit: of the highest bits that differ. Returns nil if none do.
        func distribute(_ rows: Rows, _ count: Int) -> SortDigit? {
            let first = rows[0].prefix
            var differing: UInt64 = 0
            for i in 0..<count { differing |= rows[i].prefix ^ first }
            guard differing != 0 else { return nil }
            // For few rows, few buckets.
            let digit = SortDigit(differing, bits: Int.bitWidth &- count.leadingZeroBitCount)
            counts.update(repeating: 0, count: digit.bucketCount)
            for i in 0..<count { counts[digit.of(rows[i].prefix)] &+= 1 }
            distribute(rows, digit)
            return digit
        }

        /// Moves every row into the bucket of its digit; `counts` holds the sizes of the buckets.
        private func distribute(_ rows: Rows, _ digit: SortDigit) {
            let next = counts
            let ends = counts + SortDigit.mostBuckets
            var start = 0
            for bucket in 0..<digit.bucketCount {
                let size = next[bucket]
                next[bucket] = start
                start &+= size
                ends[bucket] = start
            }
            for bucket in 0..<digit.bucketCount {
                let end = ends[bucket]
                while next[bucket] < end {
                    var row = rows[next[bucket]]
                    var target = digit.of(row.prefix)
                    while target != bucket {
                        let index = next[target]
                        next[target] = index &+ 1
                        let other = rows[index]
                        rows[index] = row
                        row = other
                        target = digit.of(row.prefix)
                    }
                    rows[next[bucket]] = row
                    next[bucket] &+= 1
                }
            }
        }

        /// The number of rows at the start of the sorted rows that are in the bucket of the first one.
        func run(_ rows: Rows, _ count: Int, _ digit: SortDigit) -> Int {
            let bucket = digit.of(rows[0].prefix)
            var low = 1
            var step = 1
            while low &+ step <= count, digit.of(rows[low &+ step &- 1].prefix) == bucket {
                low &+= step
                step &*= 2
            }
            while step > 0 {
                if low &+ step <= count, digit.of(rows[low &+ step &- 1].prefix) == bucket { low &+= step }
                step /= 2
            }
            return low
        }

        private func insertAll(_ rows: Rows, _ count: Int) {
            var i = 1
            while i < count {
                let row = rows[i]
                var index = i
                while index > 0, precedes(row, rows[index &- 1]) {
                    rows[index] = rows[index &- 1]
                    index &-= 1
                }
                rows[index] = row
                i &+= 1
            }
        }

        @inline(__always) private func precedes(_ left: PendingRows.Row, _ right: PendingRows.Row) -> Bool {
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            return GroupTable.Slot.compare(slot(left), slot(right), fields) < 0
        }

        /// Sorts rows by their whole keys, because their prefixes do not distinguish them.
        private func compareAll(_ rows: Rows, _ count: Int) {
            var buffer = UnsafeMutableBufferPointer(start: rows, count: count)
            buffer.sort { left, right in
                GroupTable.Slot.compare(slot(left), slot(right), fields) < 0
            }
        }
    }
}
