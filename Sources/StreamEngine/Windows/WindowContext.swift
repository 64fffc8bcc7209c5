/// What all window stores work on: the groups, their states and the rows to print.
struct WindowContext: ~Copyable {
    var groups: GroupTable
    var states: States
    var emitter: Emitter
    var counts = RunCounts()
    let maxGroups: Int
    /// Groups that `--fill` remembers; they are not those of open windows.
    var fillerGroups = 0
    /// Slices are being merged: what that adds is gone again soon.
    var isMerging = false
    /// Arrival number of row 0 of the present batch.
    var order: Int64 = 0

    /// Prints the results of no records at all.
    mutating func printEmptyRow() throws(EngineError) {
        let slot = groups.slot(pane: GroupTable.none, groups.emptyKey).slot
        states.reserve(groups.slotLimit)
        emitter.add(key: slot, state: slot, WindowBounds(start: 0, end: 0), groups)
        try print()
    }

    /// Sorts and prints the rows that were added to the emitter.
    mutating func print(isFinal: Bool = true) throws(EngineError) {
        try emitter.print(isFinal: isFinal, groups, states, &counts)
    }
}
