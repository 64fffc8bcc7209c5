/// The slices that have records, and the blocks of slices that windows share.
///
/// A block of level n consists of 16^n steps. It is merged once, when a window needs it whole, so that a window consists
/// of a few blocks and slices, however many slices it spans; where slices have no records, there is nothing to visit. It
/// is a wider form of the tree of Tangwongsan, Hirzel, Schneider, Wu, "General incremental sliding-window aggregation",
/// VLDB 2015. Below 16 steps, windows consist of slices only.
struct SliceTree {
    /// What windows consist of.
    enum Part {
        case slice(pane: UInt32)
        case block(Block)
    }

    /// A block that has records.
    struct Block {
        /// 1 or more.
        var level: Int
        var start: Int64
        var end: Int64
    }

    private struct Content {
        /// The blocks of the next lower level (or steps) that have records: a bit for each.
        var children: UInt16
        /// The pane of the merged block; `GroupTable.none` if it has not been merged.
        var pane = GroupTable.none
    }

    private let slicing: Slicing
    /// The length of a block of each level, from level 0, which is one step.
    private let lengths: [Int64]
    private var slices: [Int64: UInt32] = [:]
    /// The blocks that have records, by level, then by start; those of level 1 come first.
    private var blocks: [[Int64: Content]]

    init(_ slicing: Slicing) {
        self.slicing = slicing
        var lengths = [slicing.step]
        while let longest = lengths.last, longest <= slicing.size / 16 { lengths.append(longest * 16) }
        self.lengths = lengths
        blocks = Array(repeating: [:], count: lengths.count - 1)
    }

    /// About how much memory it takes, in bytes.
    var memoryBytes: Int { blocks.reduce(slices.memoryBytes) { $0 + $1.memoryBytes } }

    /// The pane of a slice.
    subscript(start: Int64) -> UInt32? { slices[start] }

    mutating func insert(_ pane: UInt32, start: Int64) {
        slices[start] = pane
        for level in 0..<blocks.count {
            let (block, bit) = child(at: start, level)
            let known = blocks[level][block]?.children ?? 0
            blocks[level][block, default: Content(children: 0)].children |= bit
            if known != 0 { return }
        }
    }

    /// Removes a slice, which all windows over it have left behind.
    ///
    /// - Returns: the panes of the blocks over it, which no window needs any more.
    mutating func remove(start: Int64) -> [UInt32] {
        slices[start] = nil
        var panes: [UInt32] = []
        let step = slicing.start(of: slicing.step, at: start)
        var isEmpty = slices[step] == nil && (slicing.cut == 0 || slices[step &+ slicing.cut] == nil)
        for level in 0..<blocks.count {
            let (start, bit) = child(at: start, level)
            guard var block = blocks[level][start] else { continue }
            if block.pane != GroupTable.none { panes.append(block.pane) }
            block.pane = GroupTable.none
            if isEmpty { block.children &= ~bit }
            isEmpty = block.children == 0
            blocks[level][start] = isEmpty ? nil : block
        }
        return panes
    }

    /// The block of level `level + 1` at a time, and the bit of its child there.
    private func child(at time: Int64, _ level: Int) -> (block: Int64, bit: UInt16) {
        let block = slicing.start(of: lengths[level + 1], at: time)
        return (block, 1 << UInt16(truncatingIfNeeded: (time &- block) / lengths[level]))
    }

    /// The panes of the merged blocks at a time.
    func panes(at time: Int64) -> [UInt32] {
        var panes: [UInt32] = []
        for (level, blocks) in blocks.enumerated() {
            let block = blocks[slicing.start(of: lengths[level + 1], at: time)]
            if let block, block.pane != GroupTable.none { panes.append(block.pane) }
        }
        return panes
    }

    /// The pane of a block; `GroupTable.none` if it has not been merged.
    func pane(of block: Block) -> UInt32 { blocks[block.level - 1][block.start]?.pane ?? GroupTable.none }

    mutating func setPane(_ pane: UInt32, of block: Block) { blocks[block.level - 1][block.start]?.pane = pane }

    /// The fewest parts that make up a window, in order.
    func parts(of window: WindowBounds) -> [Part] {
        var parts: [Part] = []
        let top = lengths.count - 1
        var start = slicing.start(of: lengths[top], at: window.start)
        while start < window.end {
            collect(top, start, window, &parts)
            start &+= lengths[top]
        }
        return parts
    }

    /// The parts that make up a block.
    func parts(of block: Block) -> [Part] {
        var parts: [Part] = []
        collectChildren(of: block.level, block.start, WindowBounds(start: block.start, end: block.end), &parts)
        return parts
    }

    private func collect(_ level: Int, _ start: Int64, _ window: WindowBounds, _ parts: inout [Part]) {
        if level == 0 {
            if start >= window.start, let pane = slices[start] { parts.append(.slice(pane: pane)) }
            let second = start &+ slicing.cut
            if second > start, second < window.end, let pane = slices[second] { parts.append(.slice(pane: pane)) }
            return
        }
        guard let block = blocks[level - 1][start] else { return }
        let end = start &+ lengths[level]
        // A block with one child is like that child.
        if start >= window.start, end <= window.end, block.children.nonzeroBitCount > 1 {
            parts.append(.block(Block(level: level, start: start, end: end)))
        } else {
            collectChildren(of: level, start, window, &parts)
        }
    }

    private func collectChildren(of level: Int, _ start: Int64, _ window: WindowBounds, _ parts: inout [Part]) {
        var children = blocks[level - 1][start]?.children ?? 0
        let length = lengths[level - 1]
        while children != 0 {
            let child = start &+ Int64(children.trailingZeroBitCount) &* length
            children &= children &- 1
            if child < window.end, child &+ length > window.start { collect(level - 1, child, window, &parts) }
        }
    }
}
