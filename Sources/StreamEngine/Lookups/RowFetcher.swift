/// Fetches rows of a table by key. Used by one thread at a time.
package protocol RowFetcher: Sendable {
    /// Microseconds since some moment.
    var now: Int64 { get }

    /// Fetches the rows of some keys.
    ///
    /// - Parameter wanted: the numbers of the keys.
    /// - Throws: if they cannot be had, however long it waits.
    func fetch(_ keys: LookupKeys, _ wanted: [Int]) throws(RunError) -> FetchedRows
}

/// The rows that some keys have.
package struct FetchedRows: ~Copyable {
    /// The bytes of values, without end marks.
    private var bytes = ByteBuffer()
    /// For each key that has a row, where its values are.
    private var places: [Int: Range<Int>] = [:]

    init() {}

    mutating func add(_ values: UnsafeRawBufferPointer, of key: Int) {
        let start = bytes.count
        bytes.append(values)
        places[key] = start..<bytes.count
    }

    func has(_ key: Int) -> Bool { places[key] != nil }

    /// Calls `body` with the values of the row of a key; nil if it has none.
    func withValues(of key: Int, _ body: (UnsafeRawBufferPointer?) -> Void) {
        guard let place = places[key] else { return body(nil) }
        bytes.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[place])) }
    }
}
