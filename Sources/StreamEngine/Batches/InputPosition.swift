/// A position between two records in the inputs of a run.
package struct InputPosition: Comparable, Hashable, Sendable {
    /// The index of the input in the order given.
    package var input: Int
    /// The number of bytes before the position, as the format of the input sees them, or the offset in a partition.
    package var position: Int

    package init(input: Int, position: Int) {
        self.input = input
        self.position = position
    }

    package static let start = InputPosition(input: 0, position: 0)

    package static func < (left: InputPosition, right: InputPosition) -> Bool {
        left.input != right.input ? left.input < right.input : left.position < right.position
    }
}

extension Batch {
    /// The positions of its first record and of the record after its last one.
    package var start: InputPosition { InputPosition(input: input, position: position) }
    package var end: InputPosition {
        InputPosition(input: input, position: nextPosition ?? position + count)
    }
}

/// Verifies that an input has not changed before a position.
package struct PositionChecksum: Equatable, Sendable {
    /// The name of the input as given, or the partition: `readings[3]`.
    package var name = ""
    /// Hash of the first bytes of a file and those before the position, or of the last record before the position.
    package var hash: Int64 = 0
    /// The offset of that record; -1 for a file, and if none has been read.
    package var offset = -1

    package init() {}
    package init(name: String, hash: Int64, offset: Int = -1) {
        self.name = name
        self.hash = hash
        self.offset = offset
    }
}
