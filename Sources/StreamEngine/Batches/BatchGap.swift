/// Reads the bytes that a source has left out of a batch.
package protocol GapReader: AnyObject, Sendable {
    /// Fills `room` with the bytes of the input from byte `position` on. Several threads may call it at the same time.
    ///
    /// - Parameter input: the position of the batch, for the message.
    func fill(_ room: UnsafeMutableRawBufferPointer, from position: Int, input: Int) throws(RunError)
}

/// Bytes of a batch that are not read yet: all but its first and last ones. A source needs only the last ones to find where
/// the batch ends; the worker that scans the batch reads the others, beside other workers.
struct BatchGap {
    let reader: any GapReader
    /// The bytes of the batch that are missing.
    let range: Range<Int>
    /// Where the reader has them.
    let position: Int
}

extension Batch {
    package var hasGap: Bool { gap != nil }

    /// Counts the next `count` bytes of the room as bytes of the batch, although they are still to be read.
    ///
    /// - Parameter position: where `reader` has them.
    package mutating func leaveGap(_ count: Int, to reader: any GapReader, at position: Int) {
        let start = self.count
        advance(count)
        gap = BatchGap(reader: reader, range: start..<self.count, position: position)
    }

    /// Reads what the source has left out. Nothing may use the bytes of the batch before that.
    package mutating func fillGap() throws(RunError) {
        guard let gap else { return }
        self.gap = nil
        try gap.reader.fill(bytes(in: gap.range), from: gap.position, input: position)
    }
}
