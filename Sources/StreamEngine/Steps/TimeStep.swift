/// Reads event times from a column.
final class TimeStep: ColumnStep {
    private var reader: TimeReader
    private let column: Int

    init(_ reader: TimeReader, from column: Int) {
        self.reader = reader
        self.column = column
    }

    func apply(to records: inout Records, of batch: borrowing Batch) {
        var reader = reader
        let cells = records.columns[column]
        var span = (earliest: Int64.max, latest: Int64.min)
        var areKnown = true
        records.timeKinds.update(repeating: .known, count: records.count)
        var row = 0
        while true {
            row = reader.readRun(cells, from: row, to: records.count, into: records.times, span: &span)
            guard row < records.count else { break }
            switch reader.read(cells[row]) {
            case .time(let time):
                records.times[row] = time
                span = (min(span.earliest, time), max(span.latest, time))
            case .yearless(let time):
                records.times[row] = time.packed
                records.timeKinds[row] = .yearless
                areKnown = false
            case .none:
                records.timeKinds[row] = .none
                areKnown = false
            }
            row &+= 1
        }
        self.reader = reader
        if areKnown, records.areAcceptedOrFiltered, row > 0 { records.timeSpan = span.earliest...span.latest }
    }
}

/// Uses the times that the source supplies as event times.
final class SourceTimeStep: ColumnStep {
    func apply(to records: inout Records, of batch: borrowing Batch) {
        records.takeTimes(of: batch.sourceColumns)
    }
}
