import Testing

@testable import StreamEngine

@Suite struct ChunkedArrayTests {
    /// Several chunks, with other chunks of the same allocation before and after them.
    private static func check<Element: BitwiseCopyable>(_ make: (UInt64) -> Element, _ number: (Element) -> UInt64) {
        let size = ChunkedArray<Element>.mask + 1
        var array = ChunkedArray<Element>()
        var count = 0
        for wanted in [1, 100, size, size + 1, 3 * size, 11 * size + 5] {
            array.reserve(wanted)
            #expect(array.capacity >= wanted && array.capacity < wanted + size)
            #expect(array.memoryBytes == array.capacity * MemoryLayout<Element>.stride)
            while count < array.capacity {
                array.place(count).initialize(to: make(UInt64(count)))
                count += 1
            }
        }
        let differences = (0..<count).filter { number(array[$0]) != UInt64($0) }
        #expect(differences.isEmpty, "\(Element.self)")
    }

    @Test("elements stay as they are while the array grows, whatever part of a huge page a chunk is")
    func growth() {
        Self.check({ UInt32(truncatingIfNeeded: $0) }, { UInt64($0) })
        Self.check({ $0 }, { $0 })
        Self.check({ ($0, $0 + 1, $0 + 2) }, { $0.0 &+ $0.1 &+ $0.2 == 3 &* $0.0 &+ 3 ? $0.0 : 0 })
        Self.check({ ($0, ~$0, $0, ~$0) }, { $0.2 == ~$0.3 && $0.0 == ~$0.1 ? $0.0 : 0 })
        Self.check({ ($0, ~$0, $0, ~$0, $0) }, { $0.2 == ~$0.3 && $0.0 == ~$0.1 ? $0.4 : 0 })
    }
}
