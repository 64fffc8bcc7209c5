/// A place in the inputs of a run, between two lines.
package struct Place: Comparable, Sendable {
    /// Which input: its index in the order given.
    package var input: Int
    /// Bytes of that input before the place, or the offset in a partition of a topic.
    package var position: Int

    package init(input: Int, position: Int) {
        self.input = input
        self.position = position
    }

    package static let start = Place(input: 0, position: 0)

    package static func < (left: Place, right: Place) -> Bool {
        left.input != right.input ? left.input < right.input : left.position < right.position
    }
}

extension Batch {
    /// Where its first line begins, and the place behind it.
    package var start: Place { Place(input: input, position: position) }
    package var end: Place { Place(input: input, position: messages == nil ? position + count : nextOffset) }
}
