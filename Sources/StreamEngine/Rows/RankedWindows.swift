/// The windows that `--limit` has printed and that late records can still change: the groups that come first in each.
///
/// A late record changes one group of a window. It is compared with the first groups, of which a few more than the limit
/// are known: only if the others may have moved up, all groups of the window are compared.
struct RankedWindows {
    private struct Window {
        /// The slots of the first groups, in order.
        var first: [UInt32] = []
        /// Whether there are no others.
        var isWhole = false
        /// How often it was printed.
        var revision: Int64 = 0
    }

    /// The number of groups that are known in addition to the limit, at most.
    static let spare = 8

    private let limit: Int
    private var windows: [WindowBounds: Window] = [:]
    private var slotCount = 0

    init(limit: Int) { self.limit = limit }

    /// The memory that it takes.
    var memoryBytes: Int { windows.memoryBytes &+ slotCount &* MemoryLayout<UInt32>.stride }

    /// The first groups of a window.
    func first(of window: WindowBounds) -> [UInt32] { windows[window]?.first ?? [] }

    /// How often a window was printed.
    func revision(of window: WindowBounds) -> Int64 { windows[window]?.revision ?? 0 }

    mutating func notePrinted(_ window: WindowBounds) { windows[window, default: Window()].revision &+= 1 }

    /// All groups of a window were compared.
    ///
    /// - Parameters:
    ///   - first: the first of them.
    ///   - isWhole: whether these are all.
    mutating func note(_ first: [UInt32], isWhole: Bool, of window: WindowBounds) {
        slotCount &+= first.count &- (windows[window]?.first.count ?? 0)
        windows[window, default: Window()].first = first
        windows[window]?.isWhole = isWhole
    }

    mutating func forget(_ window: WindowBounds) {
        guard let known = windows.removeValue(forKey: window) else { return }
        slotCount &-= known.first.count
    }

    /// A late record has changed a group of a window.
    ///
    /// - Parameter order: the group and those that came first, in their new order.
    /// - Returns: how many of them to print, 0 if the rows are as before; nil if all groups must be compared.
    mutating func change(_ group: UInt32, to order: [UInt32], in window: WindowBounds) -> Int? {
        let known = windows[window] ?? Window(isWhole: true)
        var order = order
        // Others, which have not changed, may come before it, but not before another one that has not changed.
        if !known.isWhole, order.last == group { order.removeLast() }
        guard known.isWhole || order.count >= limit else { return nil }
        let others = known.first.count &- (known.first.contains(group) ? 1 : 0)
        note(order, isWhole: known.isWhole && order.count == others + 1, of: window)
        let isPrinted = order.prefix(limit).contains(group) || known.first.prefix(limit).contains(group)
        return isPrinted ? min(limit, order.count) : 0
    }
}
