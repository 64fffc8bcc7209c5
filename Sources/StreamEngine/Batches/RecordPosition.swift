/// The origin of a record.
package struct RecordPosition: Sendable, Equatable {
    package enum Mark: Sendable, Equatable {
        /// A line, from 1.
        case line(Int)
        /// An offset in its partition.
        case offset(Int64)
    }

    /// The number of the input, or of its partition, in `InputNames`.
    package var input: Int
    package var mark: Mark

    package init(input: Int, line: Int) {
        self.input = input
        mark = .line(line)
    }

    package init(input: Int, offset: Int64) {
        self.input = input
        mark = .offset(offset)
    }
}

/// The origins of the records of a batch, which must stay in memory.
struct RecordPositions {
    let places: UnsafePointer<RecordSlice>
    /// The offset of each record; empty if lines are counted instead.
    let offsets: [Int64]
    /// Number of the input, for records identified by lines.
    let input: Int
    /// Number of the partition, for records identified by offsets.
    let partition: Int
    /// Lines of the input before the batch.
    let linesBefore: Int

    subscript(row: Int) -> RecordPosition {
        let line = Int(places[row].line)
        return offsets.isEmpty
            ? RecordPosition(input: input, line: linesBefore &+ line &+ 1)
            : RecordPosition(input: partition, offset: line < offsets.count ? offsets[line] : -1)
    }
}

/// The names of inputs in messages and in the rejects file: a path, or a partition such as `readings[3]`.
package struct InputNames: Sendable, ExpressibleByArrayLiteral {
    private let find: @Sendable (Int) -> String?

    /// - Parameter find: returns the name of an input, which may become known later; called every time, from any
    ///   thread.
    package init(_ find: @escaping @Sendable (Int) -> String?) { self.find = find }

    package init(_ names: [String]) { find = { names.indices.contains($0) ? names[$0] : nil } }

    package init(arrayLiteral names: String...) { self.init(names) }

    package subscript(input: Int) -> String { find(input) ?? "input" }

    /// The form for messages: `app.jsonl:17`, `readings[3]@1234`.
    package func text(of position: RecordPosition) -> String {
        switch position.mark {
        case .line(let line): "\(self[position.input]):\(line)"
        case .offset(let offset): "\(self[position.input])@\(offset)"
        }
    }

    /// The members of a JSON object: `"source":"app.jsonl","line":17`, `"source":"readings[3]","offset":1234`.
    func append(members position: RecordPosition, to buffer: inout ByteBuffer) {
        buffer.append("\"source\":" as StaticString)
        buffer.append(quotedName: self[position.input])
        switch position.mark {
        case .line(let line):
            buffer.append(",\"line\":" as StaticString)
            buffer.append(integer: Int64(line))
        case .offset(let offset):
            buffer.append(",\"offset\":" as StaticString)
            buffer.append(integer: offset)
        }
    }
}
