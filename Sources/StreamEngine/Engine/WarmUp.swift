/// The first part of a replay with `--dedup`, which only finds out which keys are kept: its records do not reach the operator.
struct WarmUp {
    /// For each partition, where it ends.
    private var ends: [InputPosition]
    /// The first row of the current batch that is not part of it.
    private(set) var end = 0

    init(_ ends: [InputPosition] = []) { self.ends = ends }

    mutating func begin(_ batch: borrowing Batch, _ records: borrowing Records) throws(EngineError) {
        end = 0
        guard batch.partition < ends.count, batch.start < ends[batch.partition] else { return }
        let position = ends[batch.partition]
        if batch.end <= position {
            end = records.count
        } else {
            guard let found = records.firstRow(from: position.position, of: batch) else {
                throw .sink(
                    RunError(
                        .mismatch,
                        "the input was divided into batches in another way than by the run before, in a format whose lines are "
                            + "parts of records; start over with --reset"))
            }
            end = found
        }
    }
}

extension Records {
    /// The first row of a record that does not start before a position within the batch; nil if that cannot be known.
    fileprivate func firstRow(from position: Int, of batch: borrowing Batch) -> Int? {
        if let row = firstRow(fromOffset: Int64(position)) { return row }
        // The bytes of the batch are not those of the input.
        guard batch.nextPosition == nil else { return nil }
        let start = position &- batch.position
        if batchBytes.baseAddress == batch.bytes.baseAddress { return firstRow { Int($0.start) >= start } }
        // Records inside of others have the lines of these.
        guard let outer = layers.first else { return nil }
        let found = outer.records.firstRow { Int($0.start) >= start }
        guard found < outer.records.count else { return count }
        let line = outer.records.places[found].line
        return firstRow { $0.line >= line }
    }

    private func firstRow(where isFound: (RecordSlice) -> Bool) -> Int {
        (0..<count).first { isFound(places[$0]) } ?? count
    }
}
