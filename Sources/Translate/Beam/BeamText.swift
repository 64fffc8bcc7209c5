/// Texts that several parts of a Beam job use.
enum BeamText {
    /// A tuple, also of one element.
    static func tuple(_ items: [String]) -> String {
        items.count == 1 ? "(\(items[0]),)" : "(\(items.joined(separator: ", ")))"
    }

    /// A length of time, as parameters of Beam take it: a number of seconds, or a Duration.
    static func duration(_ microseconds: Int64) -> String {
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return rest == 0 ? "\(seconds)" : "Duration(micros=\(microseconds))"
    }

    /// A length of time in a comment.
    static func spoken(_ microseconds: Int64) -> String {
        microseconds % 1_000_000 == 0
            ? "\(microseconds / 1_000_000) s"
            : microseconds % 1000 == 0 ? "\(microseconds / 1000) ms" : "\(microseconds) us"
    }
}
