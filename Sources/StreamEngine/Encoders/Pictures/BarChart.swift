/// The rows of a window as horizontal bars from 0.
enum BarChart {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    static func text(_ rows: [PictureRow], name: String, width: Int) -> String {
        let rows = rows.filter { $0.number != nil }
        guard !rows.isEmpty else { return "" }
        let label = min(rows.reduce(0) { max($0, TextWidth.columns($1.label)) }, max(8, width / 3))
        let values = rows.map { PictureText.number($0.number ?? 0) }
        let value = values.reduce(0) { max($0, $1.count) }
        let room = max(8, width - 1 - label - value - (label == 0 ? 2 : 4))
        let most = rows.reduce(0) { max($0, ($1.number ?? 0).magnitude) }
        var text = name + (rows[0].time.map { ", \(PictureText.time($0))" } ?? "") + "\n"
        for (number, row) in rows.enumerated() {
            text += label == 0 ? "" : PictureText.padded(row.label, to: label) + "  "
            text += PictureText.right(values[number], to: value)
            let bar = bar((row.number ?? 0) / (most > 0 ? most : 1), room)
            text += bar.isEmpty ? "\n" : "  \(bar)\n"
        }
        return text
    }

    /// - Parameter share: -1...1; numbers below 0 have a bar of another kind.
    private static func bar(_ share: Double, _ room: Int) -> String {
        let parts = Int((share.magnitude * Double(room * 8)).rounded())
        if share < 0 { return String(repeating: "░", count: max(1, parts / 8)) }
        return String(repeating: "█", count: parts / 8) + eighths[parts % 8]
    }
}
