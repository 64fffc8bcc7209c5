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

    /// Calls `body` with the slot of each group and the number of its key.
    @inline(__always) func forEachGroup(_ body: (_ slot: UInt32, _ number: UInt32) -> Void) {
        slots.withElements { slots in
            numbers.withElements { numbers in
                for group in 0..<slots.count { body(slots[group], numbers[group]) }
            }
        }
    }

    /// The groups of a range of keys.
    func groups(of range: Int) -> Range<Int> { starts[range]..<starts[range + 1] }

    /// Puts the groups of each range of keys together.
    ///
    /// - Parameters:
    ///   - order: changes when the ranges have other keys.
    ///   - rangeOf: the range of the key with a number.
    func divide(_ order: Int, ranges: Int, _ rangeOf: (UInt32) -> Int) {
        guard order != self.order || starts.count != ranges + 1 else { return }
        self.order = order
        starts = Array(repeating: 0, count: ranges + 1)
        forEachNumber { starts[rangeOf($0) + 1] &+= 1 }
        for range in 0..<ranges { starts[range + 1] &+= starts[range] }
        var places: [Int] = []
        var next = starts
        places.reserveCapacity(count)
        forEachNumber { number in
            let range = rangeOf(number)
            places.append(next[range])
            next[range] &+= 1
        }
        slots.move(to: places)
        states.move(to: places)
        numbers.move(to: places)
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

    /// Moves element n to place `places[n]`.
    fileprivate mutating func move(to places: [Int]) {
        var moved = StateArray()
        guard let room = moved.room(count) else { return }
        withElements { elements in
            for (element, place) in zip(elements, places) { (room + place).initialize(to: element) }
        }
        moved.advance(count)
        self = moved
    }
}
