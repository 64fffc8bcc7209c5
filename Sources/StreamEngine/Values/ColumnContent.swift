/// What the values of a result column are, as far as it is known: from the function that computes them before the first
/// row, from the first rows after that.
package enum ColumnContent: Equatable, Sendable {
    /// Only nulls, or nothing is known yet.
    case unknown
    case boolean, integer, double, time, text, json
    /// Numbers, of which the values decide whether they are integers or doubles.
    case number
    /// Numbers and other things side by side.
    case mixed
}
