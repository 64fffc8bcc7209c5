extension RunCounts {
    /// Counts the records without a row in a table.
    ///
    /// - Parameter limit: the number of records that are wanted; those after them are not counted.
    @inline(never) mutating func noteMisses(_ batch: borrowing Records, upTo limit: Int) {
        var end = 0
        var left = limit
        while end < batch.count, left > 0 {
            if batch.places[end].status != .control { left &-= 1 }
            end &+= 1
        }
        for miss in batch.lookupMisses where Int(miss.row) < end { self.miss(Int(miss.lookup)) }
    }
}
