/// The rows of a pane that has nearly all slots of the table, sorted by key.
///
/// The rows are not collected and then distributed. A first pass over the slots counts the rows of each bucket, a second
/// one puts each row into its bucket. Threads share both. What the keys have in common is guessed from a sample, and the
/// first pass finds out whether that is so.
struct PaneSort {
    private let sorting: KeySort.Sorting
    private let pane: UInt32
    private let limit: Int
    private let crew: any Crew
    /// The number of parts of the slots, and of slots in each.
    private let parts: Int
    private let size: Int

    /// What keys have in common.
    private struct Guess {
        var common: CommonPrefix
        var areIntegers: Bool
        /// The bits in which their prefixes differ.
        var differing: UInt64 = 0

        mutating func note(_ other: Self) {
            common = min(common, other.common)
            areIntegers = areIntegers && other.areIntegers
            differing |= other.differing
        }
    }

    /// Adds a row for each group of the pane, sorted by key.
    ///
    /// - Parameter rows: memory for as many rows as slots.
    /// - Returns: the number of rows; nil if they cannot be sorted in this way.
    static func fill(
        _ rows: KeySort.Rows, pane: UInt32, _ groups: borrowing GroupTable, fields: Int, _ crew: any Crew
    ) -> Int? {
        guard fields > 0, groups.slotLimit > 0 else { return nil }
        let counts = KeySort.Sorting.allocateCounts()
        defer { counts.deallocate() }
        let sorting = KeySort.Sorting(slots: groups.slots.chunks, fields: fields, counts: counts)
        return PaneSort(sorting, pane, limit: groups.slotLimit, crew).fill(rows)
    }

    private init(_ sorting: KeySort.Sorting, _ pane: UInt32, limit: Int, _ crew: any Crew) {
        let parts = max(1, min(8 * crew.width, limit / crew.piece))
        self.sorting = sorting
        self.pane = pane
        self.limit = limit
        self.crew = crew
        self.parts = parts
        size = (limit + parts - 1) / parts
    }

    private func fill(_ rows: KeySort.Rows) -> Int? {
        guard let first = firstSlot, var guess = sample(first) else { return nil }
        let width = SortDigit.mostBuckets
        let places = UnsafeMutablePointer<Int>.allocate(capacity: parts * width)
        defer { places.deallocate() }
        let found = UnsafeMutablePointer<Guess>.allocate(capacity: parts)
        defer { found.deallocate() }
        // A wrong guess is made right by what the pass has found, one thing at a time.
        for _ in 0..<4 {
            let (tried, digit) = (guess, SortDigit(guess.differing, bits: 8))
            places.initialize(repeating: 0, count: parts * width)
            crew.run(parts) { part in
                let counts = places + part * width
                (found + part).initialize(to: count(part, tried, digit, first, into: counts))
            }
            for part in 0..<parts { guess.note(found[part]) }
            if guess.common < tried.common {
                guard let next = sample(first, guess.common) else { return nil }
                guess = next
            } else if guess.areIntegers == tried.areIntegers, digit.isFirst(of: guess.differing) {
                return distribute(rows, guess, digit, places)
            }
        }
        return nil
    }

    private func slot(_ number: Int) -> UnsafePointer<GroupTable.Slot> {
        UnsafePointer(ChunkedArray<GroupTable.Slot>.place(number, in: sorting.slots))
    }

    private var firstSlot: UnsafePointer<GroupTable.Slot>? {
        (0..<limit).lazy.map { slot($0) }.first { $0.pointee.pane == pane }
    }

    /// What about a thousand keys have in common; nil if they are the same.
    private func sample(_ first: UnsafePointer<GroupTable.Slot>, _ known: CommonPrefix? = nil) -> Guess? {
        let fields = sorting.fields
        let slots = stride(from: 0, to: limit, by: max(1, limit / 1024)).lazy
            .map { slot($0) }.filter { $0.pointee.pane == pane }
        var common = known ?? CommonPrefix(fields: fields, text: -1)
        for slot in slots { common = min(common, CommonPrefix.of(slot, first, fields, atMost: common)) }
        guard common.fields < fields else { return nil }
        let areIntegers = common.text < 0 && slots.allSatisfy { common.field($0).kind == .integer }
        var guess = Guess(common: common, areIntegers: areIntegers)
        let prefix = sorting.prefix(first, common, areIntegers: areIntegers)
        for slot in slots { guess.differing |= sorting.prefix(slot, common, areIntegers: areIntegers) ^ prefix }
        return guess.differing == 0 ? nil : guess
    }

    private func range(_ part: Int) -> Range<Int> { min(limit, part * size)..<min(limit, (part + 1) * size) }

    /// Counts the rows of each bucket in a part of the slots. Returns what their keys have in common.
    private func count(
        _ part: Int, _ guess: Guess, _ digit: SortDigit, _ first: UnsafePointer<GroupTable.Slot>,
        into counts: UnsafeMutablePointer<Int>
    ) -> Guess {
        var found = guess
        let prefix = sorting.prefix(first, guess.common, areIntegers: guess.areIntegers)
        var differing: UInt64 = 0
        for number in range(part) {
            let slot = slot(number)
            guard slot.pointee.pane == pane else { continue }
            let common = CommonPrefix.of(slot, first, sorting.fields, atMost: guess.common)
            guard common >= guess.common else {
                found.common = min(found.common, common)
                continue
            }
            if guess.areIntegers, guess.common.field(slot).kind != .integer { found.areIntegers = false }
            let own = sorting.prefix(slot, guess.common, areIntegers: guess.areIntegers)
            differing |= own ^ prefix
            counts[digit.of(own)] &+= 1
        }
        found.differing = differing
        return found
    }

    /// Puts the rows into their buckets, and sorts these.
    ///
    /// - Parameter places: for each part and bucket, the number of rows.
    private func distribute(
        _ rows: KeySort.Rows, _ guess: Guess, _ digit: SortDigit, _ places: UnsafeMutablePointer<Int>
    ) -> Int {
        let width = SortDigit.mostBuckets
        var buckets: [KeySort.Sorting.Bucket] = []
        var place = 0
        for bucket in 0..<digit.bucketCount {
            let start = place
            for part in 0..<parts {
                let count = places[part * width + bucket]
                places[part * width + bucket] = place
                place += count
            }
            if place > start { buckets.append(KeySort.Sorting.Bucket(rows: rows + start, count: place - start)) }
        }
        crew.run(parts) { part in
            let next = places + part * width
            for number in range(part) {
                let slot = slot(number)
                guard slot.pointee.pane == pane else { continue }
                let prefix = sorting.prefix(slot, guess.common, areIntegers: guess.areIntegers)
                let number = UInt32(truncatingIfNeeded: number)
                let bucket = digit.of(prefix)
                (rows + next[bucket]).initialize(to: PendingRows.Row(prefix: prefix, slot: number, state: number))
                next[bucket] &+= 1
            }
        }
        sorting.sortBuckets(buckets, guess.common, crew)
        return place
    }
}
