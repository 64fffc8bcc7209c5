/// The templates of the unwanted objects and arrays whose outer object is wanted, by the literal before them.
struct SkipTemplates: ~Copyable {
    private static let capacity = 32
    /// Where there are more, only one in so many replaces another.
    private static let replacing = 1024
    private let templates: UnsafeMutablePointer<SkipTemplate>
    private var count = 0
    private var without = 0

    init() { templates = .allocate(capacity: Self.capacity) }

    deinit {
        for number in 0..<count { templates[number].deallocate() }
        templates.deallocate()
    }

    /// The index after the unwanted object or array at `start`; -1 if it must be scanned in full.
    ///
    /// - Parameters:
    ///   - number: the number in the entry of the literal before it, which is not 0.
    ///   - depth: the number of containers around it.
    @inline(never) func end(_ base: UnsafeRawPointer, from start: Int, _ number: UInt8, depth: Int) -> Int {
        templates[Int(number) &- 1].end(base, from: start, depth: depth)
    }

    /// Notes the unwanted object or array after `literal`, which was scanned in full.
    mutating func learn(
        _ value: UnsafeRawBufferPointer, depth: Int, after literal: UnsafeMutablePointer<LayoutCache.Entry>
    ) {
        guard value.count <= SkipTemplate.longest else { return }
        if literal.pointee.template == 0 {
            guard let number = place() else { return }
            templates[number].change(to: literal)
            literal.pointee.template = UInt8(truncatingIfNeeded: number &+ 1)
        }
        let number = Int(literal.pointee.template) &- 1
        if templates[number].isWanting { templates[number].keep(value, depth: depth) }
    }

    /// The number of a template that is free or taken from another literal; nil if the literal gets none now.
    private mutating func place() -> Int? {
        if count < Self.capacity {
            templates.advanced(by: count).initialize(to: SkipTemplate())
            count &+= 1
            return count &- 1
        }
        without &+= 1
        guard without % Self.replacing == 0 else { return nil }
        let number = without / Self.replacing % Self.capacity
        // The entry may hold another literal meanwhile.
        if let literal = templates[number].literal, Int(literal.pointee.template) == number &+ 1 {
            literal.pointee.template = 0
        }
        return number
    }
}
