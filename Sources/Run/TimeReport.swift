import Plan
import StreamEngine

/// What the times of the windows say about the input: gaps that were left out, and times that are probably wrong.
enum TimeReport {
    private static let year = 366 * Microseconds.day
    /// A few records with small numbers are rather an experiment than a wrong field.
    private static let fewRecords = 100

    static func lines(_ counts: borrowing RunCounts, _ plan: Plan) -> [String] {
        if let line = gaps(counts, plan) { return [line] }
        guard let covered = counts.covered else { return [] }
        let range = "\(TimeText.text(covered.start)) to \(TimeText.text(covered.end))"
        if case .field(let field, .auto) = plan.query.time, covered.start >= 0, covered.end <= year,
            counts.inWindow >= fewRecords
        {
            return [
                "-t \(field.text): all windows are in 1970, so this field is probably not a time since 1970 (\(range))"
            ]
        }
        guard isUnlikely(covered.start, covered.end) else { return [] }
        let remedy = covered.start < year ? "; " + exclusion(plan) : ""
        return ["windows range from \(range): some times are probably wrong (0, or in another unit)" + remedy]
    }

    private static func gaps(_ counts: borrowing RunCounts, _ plan: Plan) -> String? {
        guard let gap = counts.gaps.first else { return nil }
        let count = counts.gaps.count
        return "\(plan.query.fill == .all ? "--fill-all" : "--fill") left out "
            + (count == 1 ? "a gap" : "\(count) gaps") + " of more than 100000 empty windows in a row ("
            + (count == 1 ? "" : "the first ") + "from \(TimeText.text(gap.start)) to \(TimeText.text(gap.end))); "
            + (gap.start < year ? exclusion(plan) : "is a time wrong?")
    }

    /// How to leave out the records with a time of zero.
    private static func exclusion(_ plan: Plan) -> String {
        guard case .field(let field, .auto) = plan.query.time, field.sourceColumn == nil else {
            return "--where can exclude those of 1970"
        }
        return "--where \"time(\(field.text)) > '1971-01-01'\" excludes those of 1970"
    }

    /// Whether windows of 1970, which a zero gives, or of the far future are beside those of present-day records.
    private static func isUnlikely(_ start: Int64, _ end: Int64) -> Bool {
        let startsAtZero = start >= -year / 12 && start < year && end > 20 * year
        let endsLate = start > 20 * year && start < 180 * year && end > 230 * year
        return startsAtZero || endsLate
    }
}
