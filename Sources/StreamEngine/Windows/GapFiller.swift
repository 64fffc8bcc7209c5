/// `--fill`: rows for the windows between two rows of a group, from an empty state.
struct GapFiller: ~Copyable {
    /// Rows of one gap, or of one closing, beyond this are a mistake rather than a wish.
    private static let rowLimit: Int64 = 50_000_000
    /// Owner number of the groups that have had a row; real owners are numbered from 0.
    private static let owner = UInt32.max - 1

    private let slicing: Slicing
    /// End of the last row of a group, by its slot here.
    private var lastEnd: [UInt32: Int64] = [:]

    init(_ slicing: Slicing) { self.slicing = slicing }

    /// Adds the rows between the group's last row and the one that is about to be printed for `window`.
    mutating func fill(upTo window: WindowBounds, _ slot: UInt32, core: inout Core) throws(EngineError) {
        let key = core.groups.withKey(slot) { Array($0) + [UInt8](repeating: 0, count: 16) }
        let (empty, isNew) = key.withUnsafeBytes { bytes in
            core.groups.slot(
                owner: Self.owner, key: bytes.baseAddress.unsafelyUnwrapped, length: bytes.count - 16)
        }
        core.states.reserve(core.groups.slotLimit)
        defer { lastEnd[empty] = window.end }
        guard !isNew, var end = lastEnd[empty] else { return }
        var filled: Int64 = 0
        while let next = slicing.next(after: end), next.start < window.start {
            filled += 1
            guard filled <= Self.rowLimit else { throw .gapTooLong(windows: filled) }
            core.emitter.add(key: empty, state: empty, WindowBounds(start: next.start, end: next.end), core.groups)
            end = next.end
        }
    }
}
