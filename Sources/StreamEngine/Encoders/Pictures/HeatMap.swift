/// Distributions over time: each row is a line, each column a bucket of `buckets(x)`, darker for a greater share of the
/// row. At its end are the bounds of the buckets of median and p99.
struct HeatMap {
    private static let shades = [" ", "░", "▒", "▓", "█"]
    /// The buckets that the columns show; nil before the first row.
    private var range: ClosedRange<Int32>?
    private var label = 0
    private let width: Int

    init(width: Int) { self.width = width }

    /// The lines of some rows, below a new header if they have other buckets.
    mutating func text(_ rows: [PictureRow], name: String) -> String {
        let rows = rows.filter { !$0.buckets.isEmpty }
        guard !rows.isEmpty else { return "" }
        let labels = rows.map { row in
            [row.time.map(PictureText.time), row.label.isEmpty ? nil : row.label].compactMap(\.self).joined(
                separator: " ")
        }
        let indices = rows.flatMap { $0.buckets.compactMap { DecimalBuckets.index($0.bound) } }
        let widest = min(labels.reduce(0) { max($0, TextWidth.columns($1)) }, max(20, width / 2))
        var text = ""
        let covered = (indices.min() ?? 0)...(indices.max() ?? 0)
        if range.map({ $0.contains(covered.lowerBound) && $0.contains(covered.upperBound) }) != true || widest > label {
            text = range == nil ? "" : "\n"
            label = max(label, widest)
            // Whole powers of ten, so that not every row has other buckets.
            let former = range ?? covered
            let low = min(former.lowerBound, covered.lowerBound), high = max(former.upperBound, covered.upperBound)
            let first = Int32(floorDivide(Int64(low), 10) * 10), last = Int32(floorDivide(Int64(high), 10) * 10 + 9)
            range = max(DecimalBuckets.first, first)...min(DecimalBuckets.last, last)
            text += header(name)
        }
        for (row, label) in zip(rows, labels) { text += line(row, label) }
        return text
    }

    /// How many buckets a column holds, so that they fit.
    private var perColumn: Int32 {
        guard let range else { return 1 }
        let room = Int32(max(10, min(200, width - label - 24)))
        return max(1, (range.upperBound - range.lowerBound + room) / room)
    }

    private func header(_ name: String) -> String {
        guard let range else { return "" }
        var text = PictureText.padded(name, to: label) + " |"
        var column = 0
        let columns = Int((range.upperBound - range.lowerBound) / perColumn) + 1
        while column < columns {
            let bound = PictureText.number(DecimalBuckets.bound(range.lowerBound + Int32(column) * perColumn))
            guard column + bound.count <= columns else { break }
            // A mark every ten columns.
            let cell = PictureText.padded(bound, to: min(10, columns - column))
            text += cell
            column += 10
        }
        return text + String(repeating: " ", count: max(0, columns - column)) + "|\n"
    }

    private func line(_ row: PictureRow, _ name: String) -> String {
        guard let range else { return "" }
        let perColumn = perColumn
        var cells = [Double](repeating: 0, count: Int((range.upperBound - range.lowerBound) / perColumn) + 1)
        for bucket in row.buckets {
            // Numbers that are not positive are in no column, but in the median.
            guard let index = DecimalBuckets.index(bucket.bound), range.contains(index) else { continue }
            cells[Int((index - range.lowerBound) / perColumn)] += bucket.count
        }
        let most = cells.max() ?? 0
        var text = PictureText.padded(name, to: label) + " |"
        for cell in cells {
            let share = most > 0 ? cell / most : 0
            text += Self.shades[cell == 0 ? 0 : max(1, min(4, Int((share * 4).rounded(.up))))]
        }
        return text + "| p50 \(quantile(row, 0.5)) p99 \(quantile(row, 0.99))\n"
    }

    /// The bound of the bucket of a quantile.
    private func quantile(_ row: PictureRow, _ share: Double) -> String {
        let total = row.buckets.reduce(0) { $0 + $1.count }
        var before = 0.0
        for bucket in row.buckets {
            before += bucket.count
            if before >= share * total { return PictureText.number(bucket.bound) }
        }
        return ""
    }
}
