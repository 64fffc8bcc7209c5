/// The order in which the rows of a window are printed, and how many of them.
package struct RowOrder: Sendable, Equatable {
    /// A column to sort by.
    package struct Column: Sendable, Equatable {
        package var name: String
        package var isDescending: Bool

        package init(name: String, isDescending: Bool = false) {
            self.name = name
            self.isDescending = isDescending
        }
    }

    /// `--sort`: rows that are equal in all of these columns are ordered by their group keys.
    package var columns: [Column]
    /// `--limit`: the rows of a window that are printed; nil for all.
    package var limit: Int?
    /// `--rank`: the name of the column with the place of a row in its window, from 1.
    package var rank: String?

    /// Whether what is printed of a group depends on the other groups of its window.
    package var comparesGroups: Bool { limit != nil || rank != nil }

    package init(_ columns: [Column] = [], limit: Int? = nil, rank: String? = nil) {
        self.columns = columns
        self.limit = limit
        self.rank = rank
    }
}
