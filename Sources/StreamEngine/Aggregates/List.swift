extension AggregateFunction {
    package static let list = AggregateFunction(
        "list", "all values as an array", method: "keeps every value; in order of event time, ties by arrival",
        content: .json, state: List.self)
}

/// The state of `list`: all values (not null) with their event time and arrival.
///
/// The result is a JSON array ordered by event time, ties by arrival.
struct List: Accumulator, ~Copyable {
    private struct Entry: BitwiseCopyable {
        var time: Int64
        var order: Int64
        /// Start of the value's typed bytes.
        var offset: Int
    }

    private var entries = StateArray<Entry>()
    private var bytes = StateArray<UInt8>()

    init() {}

    var memoryBytes: Int { entries.memoryBytes + bytes.memoryBytes }

    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        guard !value.isNull else { return true }
        entries.append(
            Entry(time: arguments.times[row], order: arguments.order &+ Int64(row), offset: bytes.count))
        if let room = bytes.room(KeyCoding.size(value)) {
            bytes.advance(KeyCoding.writeAsRead(value, to: UnsafeMutableRawPointer(room)))
        }
        return true
    }

    mutating func merge(_ other: borrowing List) {
        let base = bytes.count
        other.entries.withElements { theirs in
            for entry in theirs {
                entries.append(Entry(time: entry.time, order: entry.order, offset: base + entry.offset))
            }
        }
        bytes.append(other.bytes)
    }

    borrowing func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        guard entries.count > 0 else { return .null }
        let sorted = entries.withElements { entries in
            entries.sorted { $0.time != $1.time ? $0.time < $1.time : $0.order < $1.order }
        }
        var text = ByteBuffer(capacity: bytes.count + 2)
        bytes.withElements { all in
            guard let base = all.baseAddress else { return }
            text.append(UInt8(ascii: "["))
            for (i, entry) in sorted.enumerated() {
                if i > 0 { text.append(UInt8(ascii: ",")) }
                var offset = entry.offset
                text.append(json: KeyCoding.read(UnsafeRawPointer(base), at: &offset))
            }
            text.append(UInt8(ascii: "]"))
        }
        return Value(arena.copy(text), kind: .json)
    }
}
