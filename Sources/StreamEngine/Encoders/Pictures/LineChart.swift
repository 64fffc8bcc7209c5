/// Rows as a line chart in SVG: time from left to right, a line for each group, its name at its end. It needs neither
/// scripts nor fonts of its own, and follows the light or dark scheme of the reader.
struct LineChart {
    private static let colours = [
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#3a9fd8", "#8c6bb1", "#7f7f7f",
    ]
    private static let size = (width: 860.0, height: 420.0)
    private static let area = (left: 70.0, right: 660.0, top: 40.0, bottom: 370.0)

    private let series: PictureSeries
    private let name: String
    private let x: (low: Double, high: Double)
    private let y: (low: Double, high: Double, step: Double)

    init(_ series: PictureSeries, name: String) {
        self.series = series
        self.name = name
        let xs = series.lines.flatMap { $0.points.map { Double($0.x) } }
        x = (xs.min() ?? 0, max(xs.max() ?? 1, (xs.min() ?? 0) + 1))
        let ys = series.lines.flatMap(\.numbers)
        y = Self.scale(ys.min() ?? 0, ys.max() ?? 1)
    }

    /// Bounds and steps of 1, 2 or 5 times a power of ten; from 0 if the values are not far from it.
    private static func scale(_ low: Double, _ high: Double) -> (low: Double, high: Double, step: Double) {
        let low = low > 0 && low < high * 0.7 ? 0 : low
        let high = high < 0 && high > low * 0.3 ? 0 : high
        let span = high > low ? high - low : max(high.magnitude, 1)
        guard span.isFinite else { return (low, high, .infinity) }
        var step = 1.0
        while step * 5 < span { step *= 10 }
        while step > span / 2 { step /= 10 }
        // Numbers between which there is hardly any other.
        guard step > 0, span / step < 100 else { return (low, max(high, low.nextUp), .infinity) }
        if span / step > 10 { step *= 5 } else if span / step > 5 { step *= 2 }
        let most = Double.greatestFiniteMagnitude
        let bottom = max((low / step).rounded(.down) * step, -most)
        return (bottom, min(max((high / step).rounded(.up) * step, bottom + step), most), step)
    }

    var text: String {
        let (width, height) = (Int(Self.size.width), Int(Self.size.height))
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
            font-family="sans-serif" font-size="12">
            <title>\(Self.escaped(name))</title>
            <style>
            svg { color: #222 }
            .paper { fill: #fff }
            .grid { stroke: currentColor; stroke-opacity: .15 }
            .line { fill: none; stroke-width: 1.8; stroke-linejoin: round }
            .other { stroke: currentColor; stroke-width: 1; stroke-opacity: .3 }
            text { fill: currentColor }
            @media (prefers-color-scheme: dark) { svg { color: #ddd } .paper { fill: #151515 } }
            </style>
            <rect class="paper" width="\(width)" height="\(height)"/>
            <text x="\(Int(Self.area.left))" y="24" font-size="15">\(Self.escaped(name))</text>

            """
        text += axes()
        let chosen = chosen()
        for line in series.lines.indices where !chosen.contains(line) { text += path(line, nil) }
        for (place, line) in chosen.enumerated() { text += path(line, Self.colours[place]) }
        return text + legend(chosen) + "</svg>\n"
    }

    /// The lines that have a colour: those with the greatest values, in the order of the rows.
    private func chosen() -> [Int] {
        let sums = series.lines.map { $0.numbers.reduce(0) { $0 + $1.magnitude } }
        return series.lines.indices.filter { !series.lines[$0].numbers.isEmpty }
            .sorted { sums[$0] != sums[$1] ? sums[$0] > sums[$1] : $0 < $1 }.prefix(Self.colours.count).sorted()
    }

    private func horizontal(_ value: Double) -> Double {
        Self.area.left + (value - x.low) / (x.high - x.low) * (Self.area.right - Self.area.left)
    }

    private func vertical(_ value: Double) -> Double {
        let share = (value / 2 - y.low / 2) / (y.high / 2 - y.low / 2)
        return Self.area.bottom - share * (Self.area.bottom - Self.area.top)
    }

    private func axes() -> String {
        var text = ""
        var tick = y.low
        while tick <= y.high + y.step / 2 {
            let place = Self.digits(vertical(tick))
            text +=
                "<path class=\"grid\" d=\"M\(Self.digits(Self.area.left)) \(place)H\(Self.digits(Self.area.right))\"/>\n"
            let value = Self.escaped(PictureText.number(tick.magnitude < y.step / 1e6 ? 0 : tick))
            text +=
                "<text x=\"\(Self.digits(Self.area.left - 8))\" y=\"\(place)\" dy=\".35em\" text-anchor=\"end\">\(value)</text>\n"
            guard tick + y.step > tick else { break }
            tick += y.step
        }
        let isLong = x.high - x.low >= 2 * Double(Microseconds.day)
        for part in 0...4 {
            let value = x.low + (x.high - x.low) * Double(part) / 4
            let anchor = part == 0 ? "start" : part == 4 ? "end" : "middle"
            let whole = Int64(value / 1e6) &* 1_000_000
            let time = PictureText.time(whole)
            let label =
                series.areTimes
                ? String(isLong ? time.prefix(10) : time.dropFirst(11).prefix(8)) : PictureText.number(value)
            text +=
                "<text x=\"\(Self.digits(horizontal(value)))\" y=\"\(Self.digits(Self.area.bottom + 20))\" "
                + "text-anchor=\"\(anchor)\">\(Self.escaped(label))</text>\n"
        }
        if series.areTimes, !isLong {
            let day = PictureText.time(Int64(x.low)).prefix(10)
            text +=
                "<text x=\"\(Self.digits(Self.area.left))\" y=\"\(Self.digits(Self.area.bottom + 38))\">\(day)</text>\n"
        }
        return text
    }

    /// - Parameter colour: nil for a line that has none of its own.
    private func path(_ line: Int, _ colour: String?) -> String {
        let points = series.lines[line].points
        let gap = gap(points.map(\.x))
        var path = "", dots = ""
        var last: Int64?
        for (number, (x, y)) in points.enumerated() {
            guard let y else {
                last = nil
                continue
            }
            let isJoined = last.map { x &- $0 <= gap } ?? false
            let place = "\(Self.digits(horizontal(Double(x)))) \(Self.digits(vertical(y)))"
            path += "\(isJoined ? "L" : "M")\(place)"
            let isFollowed =
                number + 1 < points.count && points[number + 1].y != nil && points[number + 1].x &- x <= gap
            // So that a point of its own is seen too.
            if !isJoined, !isFollowed { dots += "M\(place)h.01" }
            last = x
        }
        guard !path.isEmpty else { return "" }
        let style = colour.map { "line\" stroke=\"\($0)" } ?? "line other"
        let drawn = "<path class=\"\(style)\" d=\"\(path)\"/>\n"
        guard !dots.isEmpty else { return drawn }
        return drawn
            + "<path class=\"\(style)\" style=\"stroke-width:5;stroke-linecap:round\" d=\"\(dots)\"/>\n"
    }

    /// Windows further apart than this are not joined: one and a half times the least distance.
    private func gap(_ xs: [Int64]) -> Int64 {
        let least = zip(xs, xs.dropFirst()).map { $1 &- $0 }.filter { $0 > 0 }.min() ?? Int64.max
        return least > Int64.max / 2 ? Int64.max : least &+ least / 2
    }

    private func legend(_ chosen: [Int]) -> String {
        var text = ""
        var place = Self.area.top + 6
        for (number, line) in chosen.enumerated() {
            let label = series.lines[line].label
            let shown = TextWidth.clipped(label.isEmpty ? name : label, to: 24)
            let left = Self.area.right + 16
            text += "<path class=\"line\" stroke=\"\(Self.colours[number])\" "
            text += "d=\"M\(Self.digits(left)) \(Self.digits(place))h18\"/>\n"
            text +=
                "<text x=\"\(Self.digits(left + 24))\" y=\"\(Self.digits(place))\" dy=\".35em\">\(Self.escaped(shown))</text>\n"
            place += 20
        }
        let others = series.lines.count - chosen.count
        guard others > 0 else { return text }
        return text + "<text x=\"\(Self.digits(Self.area.right + 40))\" y=\"\(Self.digits(place))\" dy=\".35em\">"
            + "\(others) other\(others == 1 ? "" : "s")</text>\n"
    }

    /// A length with one decimal.
    private static func digits(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        return PictureText.number((max(-1e6, min(1e6, value)) * 10).rounded() / 10)
    }

    /// Text of XML, which has neither control characters nor U+FFFE and U+FFFF.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case _ where scalar.value < 0x20 || scalar.value & 0xfffe == 0xfffe: escaped += "\u{fffd}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
