/// The rows of a run by group, each with its points in time.
struct PictureSeries {
    struct Line {
        let label: String
        /// In the order of the rows; a corrected row replaces the one before it.
        fileprivate(set) var points: [(x: Int64, y: Double?)] = []

        var numbers: [Double] { points.compactMap(\.y) }
    }

    /// More points than a picture can show.
    static let limit = 1_000_000
    private(set) var lines: [Line] = []
    private var places: [String: Int] = [:]
    private var count = 0
    private(set) var areTimes = false

    /// - Returns: false if there are too many points.
    mutating func add(_ row: PictureRow) -> Bool {
        let place: Int
        if let known = places[row.label] {
            place = known
        } else {
            place = lines.count
            places[row.label] = place
            lines.append(Line(label: row.label))
        }
        if row.time != nil { areTimes = true }
        let x = row.time ?? Int64(lines[place].points.count)
        if let last = lines[place].points.lastIndex(where: { $0.x <= x }), lines[place].points[last].x == x {
            lines[place].points[last].y = row.number
            return true
        }
        count += 1
        lines[place].points.append((x, row.number))
        return count <= Self.limit
    }
}
