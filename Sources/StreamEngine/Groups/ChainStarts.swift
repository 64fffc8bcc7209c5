/// How many of the keys that are kept began their chain in each batch, so that the oldest of these batches is known.
struct ChainStarts {
    private struct Item {
        var batch: Int
        var count: Int
    }

    /// In the order of the batches; those before `first` are gone.
    private var items: [Item] = []
    private var first = 0
    private var emptyCount = 0

    /// The batch in which the oldest chain began; nil if no keys are kept.
    var oldest: Int? { first < items.count ? items[first].batch : nil }

    /// - Parameter batch: the current one, or an earlier one that has a chain.
    @inline(__always) mutating func add(_ batch: Int) {
        if let last = items.indices.last, last >= first, items[last].batch == batch {
            increase(last)
        } else {
            addBefore(batch)
        }
    }

    @inline(never) private mutating func addBefore(_ batch: Int) {
        if let place = place(of: batch) { increase(place) } else { items.append(Item(batch: batch, count: 1)) }
    }

    @inline(__always) private mutating func increase(_ place: Int) {
        if items[place].count == 0 { emptyCount &-= 1 }
        items[place].count &+= 1
    }

    mutating func remove(_ batch: Int) {
        guard let place = place(of: batch), items[place].count > 0 else { return }
        items[place].count &-= 1
        guard items[place].count == 0 else { return }
        emptyCount &+= 1
        while first < items.count, items[first].count == 0 {
            first &+= 1
            emptyCount &-= 1
        }
        if first > 64, first > items.count / 2 {
            items.removeFirst(first)
            first = 0
        }
        if emptyCount > 64, emptyCount > items.count / 2 {
            items.removeAll { $0.count == 0 }
            (first, emptyCount) = (0, 0)
        }
    }

    private func place(of batch: Int) -> Int? {
        let place = (first..<items.count).partitioningIndex { items[$0].batch >= batch }
        return place < items.count && items[place].batch == batch ? place : nil
    }
}
