import StreamEngine

/// What the SQL of all engines has in common.
enum SQLText {
    /// A literal of a double.
    static func number(_ double: Double) -> String {
        let text = String(double)
        return text.contains("e") ? text.replacing("e+", with: "E").replacing("e", with: "E") : text + "E0"
    }

    /// The remainder that is never negative, by which windows are shifted.
    static func floorRemainder(_ value: Int64, _ size: Int64) -> Int64 {
        guard size > 0 else { return 0 }
        let rest = value % size
        return rest < 0 ? rest + size : rest
    }
}
