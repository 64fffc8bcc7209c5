/// The groups of a slice or block, the states that they are merged into, and the numbers of their keys (see `KeyDirectory`).
final class SliceKeys {
    private var slots = StateArray<UInt32>()
    private var states = StateArray<UInt32>()
    private var numbers = StateArray<UInt32>()
    /// The first group of the pane when it was last completed.
    var head = GroupTable.none
    /// Where each range of keys starts, and the order of the keys by which the groups were divided.
    private var starts: [Int] = []
    private var order = -1

    var count: Int { slots.count }

    /// Adds groups.
    ///
    /// - Parameter number: of the key with a state.
    func append(_ groups: ArraySlice<UInt32>, into targets: ArraySlice<UInt32>, number: (UInt32) -> UInt32) {
        guard !groups.isEmpty else { return }
        slots.append(groups)
        states.append(targets)
        if let room = numbers.room(targets.count) {
            for (place, state) in targets.enumerated() { (room + place).initialize(to: number(state)) }
            numbers.advance(targets.count)
        }
        order = -1
    }

    @inline(__always) func forEachNumber(_ body: (UInt32) -> Void) { forEachNumber(in: 0..<count, body) }

    @inline(__always) func forEachNumber(in groups: Range<Int>, _ body: (UInt32) -> Void) {
        numbers.withElements { numbers in
            for group in groups { body(numbers[group]) }
        }
    }

    /// Merges groups into their states.
    func merge(_ groups: Range<Int>, in states: borrowing States) {
        slots.withElements { slots in
            self.states.withElements { targets in
                guard let from = slots.baseAddress, let to = targets.baseAddress else { return }
                withUnsafePointer(to: states) {
                    $0.pointee.merge(from + groups.lowerBound, into: to + groups.lowerBound, count: groups.count)
                }
            }
        }
    }

    /// Calls `body` with the slots of groups and the numbers of their keys. They stay valid until the list changes.
    @inline(__always) func withGroups(
        _ groups: Range<Int>, _ body: (_ slots: UnsafePointer<UInt32>, _ numbers: UnsafePointer<UInt32>) -> Void
    ) {
        slots.withElements { slots in
            numbers.withElements { numbers in
                guard let slots = slots.baseAddress, let numbers = numbers.baseAddress else { return }
                body(slots + groups.lowerBound, numbers + groups.lowerBound)
            }
        }
    }

    /// The groups of a range of keys; those of one range need not have been divided.
    func groups(of range: Int, among ranges: KeyRanges) -> Range<Int> {
        ranges.count == 1 ? 0..<count : starts[range]..<starts[range + 1]
    }

    /// Puts the groups of each range of keys together.
    ///
    /// - Parameters:
    ///   - order: changes when the ranges have other keys.
    ///   - placeOf: the place of the key with a number.
    func divide(_ order: Int, among ranges: KeyRanges, placeOf: (UInt32) -> UInt32) {
        guard order != self.order || starts.count != ranges.count + 1 else { return }
        self.order = order
        starts = Array(repeating: 0, count: ranges.count + 1)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: count) { owners in
            var group = 0
            forEachNumber { number in
                let range = ranges.range(of: Int(placeOf(number)))
                owners[group] = UInt32(truncatingIfNeeded: range)
                group &+= 1
                starts[range + 1] &+= 1
            }
            for range in 0..<ranges.count { starts[range + 1] &+= starts[range] }
            slots.order(by: owners, starts)
            states.order(by: owners, starts)
            numbers.order(by: owners, starts)
        }
    }
}

extension StateArray {
    fileprivate mutating func append(_ elements: ArraySlice<Element>) {
        guard let room = room(elements.count) else { return }
        elements.withUnsafeBufferPointer { elements in
            if let first = elements.baseAddress { room.initialize(from: first, count: elements.count) }
        }
        advance(elements.count)
    }

    /// Orders the elements by owner, and those of one owner as before.
    ///
    /// - Parameter starts: where the elements of each owner start.
    fileprivate mutating func order(by owners: UnsafeMutableBufferPointer<UInt32>, _ starts: [Int]) {
        var ordered = StateArray()
        guard let room = ordered.room(count) else { return }
        withElements { elements in
            var next = starts
            next.withUnsafeMutableBufferPointer { next in
                for (element, owner) in zip(elements, owners) {
                    (room + next[Int(owner)]).initialize(to: element)
                    next[Int(owner)] &+= 1
                }
            }
        }
        ordered.advance(count)
        self = ordered
    }
}
