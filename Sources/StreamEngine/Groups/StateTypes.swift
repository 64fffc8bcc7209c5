extension Query {
    /// The types of states that compute the aggregates: shared ones if another aggregate allows it.
    var stateTypes: [any (Accumulator & ~Copyable).Type] {
        // The words of each call: its function and its arguments.
        let calls = Set(aggregates.map { [$0.function.name] + $0.arguments.map(\.normalText) })
        return aggregates.map { aggregate in
            let function = aggregate.function, arguments = aggregate.arguments.map(\.normalText)
            if let joint = function.joint, calls.contains([joint.with] + arguments) { return joint.state }
            return arguments.isEmpty ? function.stateWithoutArguments : function.state
        }
    }

    /// The bytes that a group needs in each window (or slice): its entry in the table and its states, excluding long
    /// keys, texts and samples.
    package var bytesPerGroup: Int {
        var seen: Set<[String]> = []
        var bytes = MemoryLayout<GroupTable.Slot>.stride + 2 * MemoryLayout<UInt64>.stride
        for (aggregate, state) in zip(aggregates, stateTypes) {
            if seen.insert(["\(state)"] + aggregate.arguments.map(\.normalText)).inserted { bytes += state.stateBytes }
        }
        return bytes
    }
}
