/// The rows of a table by key, for `--lookup`. It never changes, and all workers read it without locks.
///
/// `LookupEntry` says what is stored of a row.
package final class LookupTable: @unchecked Sendable {
    /// The names of the columns of values, as the table has them.
    package let columns: [String]
    package let counts: Counts
    /// The bytes of the file, after decompression, and their hash.
    package let content: Content
    let index: LookupIndex
    private let memory: LookupMemory

    package struct Counts: Sendable {
        package var rows = 0
        package var keys = 0
        /// Rows whose key another row has too.
        package var duplicates = 0
        /// The memory of the table.
        package var bytes = 0
    }

    package struct Content: Sendable, Equatable {
        package var size: Int
        package var hash: Int64

        package init(size: Int, hash: Int64) {
            self.size = size
            self.hash = hash
        }
    }

    init(_ columns: [String], _ counts: Counts, _ content: Content, _ index: LookupIndex, _ memory: LookupMemory) {
        self.columns = columns
        self.counts = counts
        self.content = content
        self.index = index
        self.memory = memory
    }

    deinit { index.deallocate() }
}
