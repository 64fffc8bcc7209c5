/// A record without a row in a table.
struct LookupMiss {
    /// The number of the lookup in the query.
    var lookup: UInt32
    var row: UInt32
}
