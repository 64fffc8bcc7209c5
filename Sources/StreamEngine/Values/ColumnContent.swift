/// The kind of values in a result column. Before the first row, it follows from the function that computes them; later,
/// from the first rows.
package enum ColumnContent: Equatable, Sendable {
    /// Only nulls, or not yet known.
    case unknown
    case boolean, integer, double, time, text, json
    /// Numbers; whether integers or doubles depends on the values.
    case number
    /// Numbers and other values.
    case mixed
}
