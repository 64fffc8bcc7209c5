/// Sorts rows by their keys: field by field, null < booleans < numbers < strings, strings bytewise.
///
/// Every row holds eight bytes of its key that compare like it, and rows are sorted by those alone, in place, bucket by
/// bucket (McIlroy, Bostic and McIlroy, "Engineering radix sort", 1993). A prefix that all keys share is left out of
/// the eight bytes. Rows with equal bytes get the next ones.
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
        let counts = UnsafeMutablePointer<Int>.allocate(capacity: 512)
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
        /// For every byte: where the next row of its bucket goes, and where the bucket ends.
        let counts: UnsafeMutablePointer<Int>

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
            radix(rows, count, shift: 56, common, depth)
        }

        /// Whether the first fields that the keys do not share are all integers.
        func areIntegers(_ rows: Rows, _ count: Int, _ common: CommonPrefix) -> Bool {
            common.text < 0 && (0..<count).allSatisfy { common.field(slot(rows[$0])).kind == .integer }
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

        /// Sorts rows by the bytes of their prefixes from `shift` down. The bytes above are equal.
        func radix(_ rows: Rows, _ count: Int, shift: Int, _ common: CommonPrefix, _ depth: Int) {
            var shift = shift
            while true {
                if count <= KeySort.few { return insertAll(rows, count) }
                if shift < 0 { return refine(rows, count, after: common, depth: depth + 1) }
                counts.update(repeating: 0, count: 256)
                for i in 0..<count { counts[byte(rows[i], shift)] &+= 1 }
                if counts[byte(rows[0], shift)] != count { break }
                shift &-= 8
            }
            distribute(rows, shift)
            // The counts are reused for the buckets, so the ends of the buckets are found in the rows.
            var start = 0
            while start < count {
                let bucket = byte(rows[start], shift)
                let end = start &+ run(rows + start, count &- start, bucket, shift)
                radix(rows + start, end &- start, shift: shift &- 8, common, depth)
                start = end
            }
        }

        @inline(__always) func byte(_ row: PendingRows.Row, _ shift: Int) -> Int {
            Int(truncatingIfNeeded: row.prefix &>> UInt64(truncatingIfNeeded: shift) & 0xff)
        }

        /// Moves every row into the bucket of its byte; `counts` holds the sizes of the buckets.
        func distribute(_ rows: Rows, _ shift: Int) {
            let next = counts
            let ends = counts + 256
            var start = 0
            for bucket in 0..<256 {
                let size = next[bucket]
                next[bucket] = start
                start &+= size
                ends[bucket] = start
            }
            for bucket in 0..<256 {
                let end = ends[bucket]
                while next[bucket] < end {
                    var row = rows[next[bucket]]
                    var target = byte(row, shift)
                    while target != bucket {
                        let index = next[target]
                        next[target] = index &+ 1
                        let other = rows[index]
                        rows[index] = row
                        row = other
                        target = byte(row, shift)
                    }
                    rows[next[bucket]] = row
                    next[bucket] &+= 1
                }
            }
        }

        /// The number of rows at the start of the sorted rows that have this byte.
        func run(_ rows: Rows, _ count: Int, _ bucket: Int, _ shift: Int) -> Int {
            var low = 1
            var step = 1
            while low &+ step <= count, byte(rows[low &+ step &- 1], shift) == bucket {
                low &+= step
                step &*= 2
            }
            while step > 0 {
                if low &+ step <= count, byte(rows[low &+ step &- 1], shift) == bucket { low &+= step }
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
