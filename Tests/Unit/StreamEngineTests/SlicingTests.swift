import Testing

@testable import StreamEngine

@Suite struct SlicingTests {
    /// Windows as (start, end), of which those near `time` are enough.
    private static func windows(of spec: WindowSpec, near time: Int64) -> [WindowBounds] {
        func starts(_ step: Int64, _ align: Int64) -> [Int64] {
            (-60...60).map { $0 * step + align }.filter { abs($0 - time) <= 70 }
        }
        switch spec {
        case .tumbling(let size, let align): return starts(size, align).map { WindowBounds(start: $0, end: $0 + size) }
        case .hopping(let size, let step, let align):
            return starts(step, align).map { WindowBounds(start: $0, end: $0 + size) }
        case .cumulative(let most, let step, let align):
            return starts(most, align).flatMap { start in
                (1...most / step).map { WindowBounds(start: start, end: start + $0 * step) }
            }
        default: return []
        }
    }

    private static func specs() -> [WindowSpec] {
        var specs: [WindowSpec] = []
        for size in Int64(1)...9 {
            for align in [Int64(0), 1, -4] {
                specs.append(.tumbling(size: size, align: align))
                for step in Int64(1)...11 { specs.append(.hopping(size: size, step: step, align: align)) }
                for step in Int64(1)...size where size % step == 0 {
                    specs.append(.cumulative(max: size, step: step, align: align))
                }
            }
        }
        return specs
    }

    @Test("a slice belongs to exactly the windows that cover each of its instants")
    func slices() throws {
        for spec in Self.specs() {
            let slicing = try #require(Slicing(spec, zone: .utc))
            for time in Int64(-25)...25 {
                let covering = Self.windows(of: spec, near: time).filter { $0.start <= time && time < $0.end }.sorted()
                guard let slice = slicing.slice(at: time) else {
                    #expect(covering.isEmpty, "\(spec) at \(time)")
                    continue
                }
                try #require(slice.start <= time && time < slice.end, "\(spec) at \(time)")
                #expect(slice.lastEnd == covering.last?.end, "\(spec) at \(time)")
                var found: [WindowBounds] = []
                slicing.forEachWindow(over: slice) { found.append(WindowBounds(start: $0, end: $1)) }
                #expect(found == covering, "\(spec) at \(time)")
                // No window begins or ends inside.
                #expect(covering.allSatisfy { $0.start <= slice.start && slice.end <= $0.end }, "\(spec) at \(time)")
            }
        }
    }

    @Test("the slices of a window follow one another from its start to its end")
    func partition() throws {
        for spec in Self.specs() {
            let slicing = try #require(Slicing(spec, zone: .utc))
            guard !slicing.isSingle else { continue }
            var tree = SliceTree(slicing)
            for start in Set((-30...30).compactMap { slicing.slice(at: $0)?.start }) {
                tree.insert(UInt32(start + 1000), start: start)
            }
            for window in Self.windows(of: spec, near: 0) where window.start >= -20 && window.end <= 20 {
                var place = window.start
                for start in tree.slices(of: tree.parts(of: window)) {
                    try #require(start == place, "\(spec) \(window)")
                    place = try #require(slicing.slice(at: start)).end
                }
                #expect(place == window.end, "\(spec) \(window)")
            }
        }
    }

    @Test("a window consists of few blocks, which contain the slices that have records and no others")
    func blocks() throws {
        let specs: [WindowSpec] = [
            .hopping(size: 300, step: 1, align: 5), .hopping(size: 299, step: 4, align: 0),
            .cumulative(max: 600, step: 2, align: 0), .hopping(size: 5000, step: 1, align: -3),
        ]
        for (number, spec) in specs.enumerated() {
            var random = SeededGenerator(seed: UInt64(number))
            let slicing = try #require(Slicing(spec, zone: .utc))
            for density in [Int64(1), 3, 50] {
                var tree = SliceTree(slicing)
                var present: Set<Int64> = []
                let times = (-900...900).filter { _ in Int64.random(in: 0..<density, using: &random) == 0 }
                for time in times.shuffled(using: &random) {
                    let start = try #require(slicing.slice(at: Int64(time))).start
                    if present.insert(start).inserted { tree.insert(UInt32(start + 1000), start: start) }
                }
                for start in present.sorted().prefix(300) {
                    let window = try #require(Self.windows(over: start, slicing).randomElement(using: &random))
                    let parts = tree.parts(of: window)
                    let expected = present.filter { window.start <= $0 && $0 < window.end }.sorted()
                    try #require(tree.slices(of: parts) == expected, "\(spec) \(window)")
                    #expect(parts.count <= 16 * 8, "\(spec) \(window)")
                    if random.below(2) == 0 {
                        #expect(tree.remove(start: start).isEmpty)
                        present.remove(start)
                    }
                }
            }
        }
    }

    private static func windows(over start: Int64, _ slicing: Slicing) -> [WindowBounds] {
        guard let slice = slicing.slice(at: start) else { return [] }
        return stride(
            from: slicing.firstEnd(over: slice, after: .min), through: slice.lastEnd, by: Int64.Stride(slicing.step)
        ).map { slicing.window(over: slice, ending: $0) }
    }

    @Test("the windows over a slice end one step after another")
    func ends() throws {
        for spec in Self.specs() {
            let slicing = try #require(Slicing(spec, zone: .utc))
            guard !slicing.isSingle else { continue }
            for time in Int64(-25)...25 {
                guard let slice = slicing.slice(at: time) else { continue }
                var found: [WindowBounds] = []
                slicing.forEachWindow(over: slice) { found.append(WindowBounds(start: $0, end: $1)) }
                #expect(Self.windows(over: time, slicing) == found, "\(spec) at \(time)")
                for limit in time - 15...time + 15 {
                    let next = found.first { $0.end > limit }?.end ?? Int64.max
                    #expect(slicing.firstEnd(over: slice, after: limit) == next, "\(spec) at \(time)")
                }
            }
        }
    }

    @Test("the bounds are the smallest start and end of the windows that end after the watermark")
    func bounds() throws {
        for spec in Self.specs() {
            let slicing = try #require(Slicing(spec, zone: .utc))
            for watermark in Int64(-25)...25 {
                let open = Self.windows(of: spec, near: watermark).filter { $0.end > watermark }
                let bounds = try #require(slicing.bounds(after: watermark))
                #expect(bounds.end == open.map(\.end).min(), "\(spec) after \(watermark)")
                #expect(bounds.start == open.map(\.start).min(), "\(spec) after \(watermark)")
            }
        }
    }

    @Test("only windows that do not overlap are slices of their own, and each follows the one before")
    func single() throws {
        for spec in Self.specs() {
            let slicing = try #require(Slicing(spec, zone: .utc))
            let isSingle = Self.windows(of: spec, near: 0).sorted().enumerated().allSatisfy { number, window in
                number == 0 || window.start == Self.windows(of: spec, near: 0).sorted()[number - 1].end
            }
            #expect(slicing.isSingle == isSingle, "\(spec)")
            if case .tumbling(let size, _) = spec {
                let next = slicing.next(after: -7)
                #expect(next?.start == -7 && next?.end == -7 + size)
            }
        }
    }

    @Test("a heap gives its elements back in order", arguments: 0..<50)
    func heap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var heap = Heap<Int>()
        var rest: [Int] = []
        for _ in 0..<200 {
            if Int.random(in: 0..<3, using: &random) > 0 {
                let element = Int.random(in: 0..<20, using: &random)
                heap.insert(element)
                rest.append(element)
                rest.sort()
            } else {
                let expected = rest.isEmpty ? nil : rest.removeFirst()
                #expect(heap.removeFirst() == expected)
            }
            #expect(heap.first == rest.first)
            #expect(heap.unordered.sorted() == rest)
        }
    }
}

extension SliceTree {
    /// The starts of the slices in these parts, in order.
    fileprivate func slices(of parts: [Part]) -> [Int64] {
        parts.flatMap { part in
            switch part {
            case .slice(let pane): [Int64(pane) - 1000]
            case .block(let block): slices(of: self.parts(of: block))
            }
        }
    }
}
