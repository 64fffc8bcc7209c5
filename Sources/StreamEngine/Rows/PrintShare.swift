/// How threads divide the rows of a window that they print together.
struct PrintShare {
    /// The number of pieces, and the fewest rows of a piece.
    let pieces: Int
    let leastRows: Int

    /// - Parameter isHeavy: whether it takes long to compute a row, so that the others would wait for the thread that takes
    ///   the last piece if there were few.
    init(isHeavy: Bool, _ crew: any Crew) {
        pieces = isHeavy ? max(2 * crew.width, min(16 * crew.width, 64)) : 2 * crew.width
        leastRows = crew.piece / (isHeavy ? 64 : 4)
    }
}
