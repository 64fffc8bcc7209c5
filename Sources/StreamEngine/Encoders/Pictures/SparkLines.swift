/// A line for each group: its least and its greatest value, its last windows as blocks of eight heights, and the last value.
enum SparkLines {
    private static let blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let most = 60

    static func text(_ series: PictureSeries, name: String, width: Int) -> String {
        let lines = series.lines.filter { !$0.numbers.isEmpty }
        guard !lines.isEmpty else { return "" }
        let label = min(lines.reduce(0) { max($0, TextWidth.columns($1.label)) }, max(8, width / 3))
        let ranges = lines.map { range($0.numbers) }
        let rangeWidth = ranges.reduce(0) { max($0, TextWidth.columns($1)) }
        let lasts = lines.map { $0.numbers.last.map(PictureText.number) ?? "" }
        let last = lasts.reduce(0) { max($0, $1.count) }
        let room = max(8, min(most, width - label - rangeWidth - last - 6))
        // The same column is the same window in all lines.
        let windows = Array(Set(lines.flatMap { $0.points.map(\.x) }).sorted().suffix(room))
        var text = name.isEmpty ? "" : "\(name)\n"
        for (number, line) in lines.enumerated() {
            text += label == 0 ? "" : PictureText.padded(line.label, to: label) + "  "
            text += PictureText.padded(ranges[number], to: rangeWidth) + "  " + spark(line, windows) + "  "
            text += PictureText.right(lasts[number], to: last) + "\n"
        }
        return text
    }

    private static func range(_ numbers: [Double]) -> String {
        guard let low = numbers.min(), let high = numbers.max() else { return "" }
        return "\(PictureText.number(low))…\(PictureText.number(high))"
    }

    private static func spark(_ line: PictureSeries.Line, _ windows: [Int64]) -> String {
        let values = Dictionary(line.points.map { ($0.x, $0.y) }, uniquingKeysWith: { $1 })
        let shown = windows.compactMap { values[$0] ?? nil }
        guard let low = shown.min(), let high = shown.max() else { return "" }
        return windows.map { x in
            guard let value = values[x] ?? nil else { return " " }
            // Halves, since the difference of large numbers may be infinite.
            let share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5
            // Halves of the least numbers are zero.
            return blocks[share.isFinite ? Int(max(0, min(7, share * 8))) : 4]
        }.joined()
    }
}
