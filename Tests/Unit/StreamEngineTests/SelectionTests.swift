import Testing

@testable import StreamEngine

@Suite struct SelectionTests {
    enum Shape: CaseIterable {
        case random, few, equal, rising, falling, mostlySmall

        func values(_ count: Int, _ generator: inout SeededGenerator) -> [Double] {
            (0..<count).map { i in
                switch self {
                case .random: Double.random(in: -1000...1000, using: &generator)
                case .few: Double(Int.random(in: 0..<3, using: &generator))
                case .equal: 7
                case .rising: Double(i)
                case .falling: Double(-i)
                case .mostlySmall: Double.random(in: 0...1, using: &generator) < 0.99 ? 0 : Double(i)
                }
            }
        }
    }

    @Test(
        "the value of each rank has those of lower ranks before it and the others after it", arguments: Shape.allCases)
    func ranks(_ shape: Shape) {
        var generator = SeededGenerator(seed: 11)
        for count in [1, 2, 3, 24, 25, 26, 100, 599, 600, 601, 5000] {
            let values = shape.values(count, &generator)
            let sorted = values.sorted()
            let ranks = [0, 1, count / 100, count / 2, count * 9 / 10, count * 99 / 100, count - 2, count - 1]
            for rank in Set(ranks) where (0..<count).contains(rank) {
                var moved = values
                moved.withUnsafeMutableBufferPointer { Selection.select(rank, of: $0) }
                #expect(moved[rank] == sorted[rank], "rank \(rank) of \(count)")
                #expect(moved[..<rank].allSatisfy { $0 <= sorted[rank] })
                #expect(moved[rank...].allSatisfy { $0 >= sorted[rank] })
                #expect(moved.sorted() == sorted)
            }
        }
    }

    @Test("a list of values gives them back in their order, whatever the number of its blocks")
    func valueList() {
        for count in [0, 1, 3, 4, 5, 63, 64, 65, 127, 128, 129, 254, 255, 1000, 4095, 8185, 8186, 10_000, 10_001] {
            var list = ValueList()
            for i in 0..<count {
                if list.isFull { list.grow() }
                list.append(Double(i))
            }
            let copied = withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, count)) { copy in
                list.copy(to: copy)
                return Array(copy[..<count])
            }
            #expect(copied == (0..<count).map { Double($0) })
            var numbers: [Int] = []
            list.forEach { value, number in
                #expect(value == Double(number))
                numbers.append(number)
            }
            #expect(numbers.sorted() == Array(0..<count))
            // About what it takes to double a list, and no room beyond the limit.
            let (bytes, capacity) = (list.memoryBytes, list.capacity)
            #expect(bytes <= max(48, count * 16 + 256) && capacity <= ValueList.limit)
        }
    }
}
