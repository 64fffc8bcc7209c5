/// What is known about the values in a result column: before the first row, from the function that computes them; then
/// from the first rows.
package enum ColumnContent: Equatable, Sendable {
    /// Only nulls, or nothing is known yet.
    case unknown
    case boolean, integer, double, time, text, json
    /// Numbers; whether integers or doubles depends on the values.
    case number
    /// Numbers and other values.
    case mixed
}
