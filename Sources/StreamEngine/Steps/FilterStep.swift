/// `--where`: marks the records for which it is not true.
final class FilterStep: ColumnStep {
    private var program: Program
    private var keep: UnsafeMutableBufferPointer<Bool>

    init(_ program: consuming Program) {
        self.program = program
        keep = .allocate(capacity: 1024)
    }

    deinit { keep.deallocate() }

    func apply(to records: inout Records, of batch: borrowing Batch) {
        let count = records.count
        if self.keep.count < count {
            self.keep.deallocate()
            self.keep = .allocate(capacity: records.columns.capacity)
        }
        guard let keep = self.keep.baseAddress else { return }
        keep.initialize(repeating: true, count: count)
        program.setTimes(written: batch.written ?? batch.arrival, read: batch.arrival)
        program.select(over: &records.columns, rows: count, arena: &records.arena, keep: keep)
        program.takeBad(into: &records.badValues)
        for row in 0..<count where !keep[row] { records.filter(row) }
    }
}
