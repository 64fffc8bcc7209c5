extension Records {
    /// Puts what is known of the batch's messages where it belongs: their offsets, tombstones, and the columns that are
    /// wanted. Without messages these are null.
    mutating func take(_ messages: Messages?, columns wanted: [(column: Int, kind: Metadata)]) {
        guard let messages else {
            for (column, _) in wanted { columns[column].update(repeating: .null, count: count) }
            return
        }
        setOffsets(of: messages)
        if messages.tombstones > 0 { markTombstones(messages) }
        for (column, kind) in wanted {
            switch kind {
            case .key: fillKeys(column, messages)
            case .topic:
                var topic = messages.topic
                let text = topic.withUTF8 { arena.copy(UnsafeRawBufferPointer($0)) }
                columns[column].update(repeating: Value(text), count: count)
            case .partition:
                columns[column].update(repeating: Value(Int64(messages.partition)), count: count)
            case .offset: fill(column, messages) { Value($0.offset) }
            case .time: fill(column, messages) { $0.time == Int64.min ? .null : Value(time: $0.time) }
            }
        }
    }

    /// Takes the times of the messages as event times. Afterwards they stand as those that are read from a field.
    mutating func takeTimes(of messages: Messages?) {
        var earliest = Int64.max
        var latest = Int64.min
        var areKnown = true
        for row in 0..<count {
            let time = messages?.message(Int(places[row].line))?.time ?? Int64.min
            times[row] = time
            timeKinds[row] = time == Int64.min ? .none : .known
            areKnown = areKnown && time != Int64.min
            earliest = min(earliest, time)
            latest = max(latest, time)
        }
        if areKnown, unusualRows == 0, count > 0 { timeSpan = earliest...latest }
    }

    private func markTombstones(_ messages: Messages) {
        for row in 0..<count where places[row].status.isRejected {
            if messages.message(Int(places[row].line))?.hasValue == false { places[row].status = .tombstone }
        }
    }

    private mutating func fill(_ column: Int, _ messages: Messages, _ value: (Messages.Message) -> Value) {
        let cells = columns[column]
        for row in 0..<count { cells[row] = messages.message(Int(places[row].line)).map(value) ?? .null }
    }

    /// Copies all keys at once and lets the cells borrow from the copy.
    private mutating func fillKeys(_ column: Int, _ messages: Messages) {
        let keys = messages.withKeys { MessageKeys(copying: $0, into: &arena) }
        for row in 0..<count {
            columns[column][row] = messages.keyRange(Int(places[row].line)).map { keys.value($0, &arena) } ?? .null
        }
    }
}

/// A copy of the keys of a batch, with some bytes behind the last one that may be read.
private struct MessageKeys {
    private let bytes: UnsafeRawBufferPointer

    init(copying keys: UnsafeRawBufferPointer, into arena: inout ByteArena) {
        let room = arena.allocate(keys.count + 8)
        room.copyMemory(from: keys)
        for place in keys.count..<room.count { room[place] = 0 }
        bytes = UnsafeRawBufferPointer(room)
    }

    func value(_ range: Range<Int>, _ arena: inout ByteArena) -> Value {
        guard let base = bytes.baseAddress, range.lowerBound >= 0, range.upperBound <= bytes.count - 8 else {
            return .null
        }
        let key = UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
        return Value(isText(base, range) ? key : Self.hexadecimal(key, &arena))
    }

    private func isText(_ base: UnsafeRawPointer, _ range: Range<Int>) -> Bool {
        var i = range.lowerBound
        while i < range.upperBound {
            if i &+ 8 <= range.upperBound,
                base.loadUnaligned(fromByteOffset: i, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                i &+= 8
            } else if byte(base, i) < 0x80 {
                i &+= 1
            } else {
                // The next key must not complete a character.
                let length = JSONString.sequenceLength(base, at: i)
                guard length > 0, i &+ length <= range.upperBound else { return false }
                i &+= length
            }
        }
        return true
    }

    private static func hexadecimal(_ key: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> UnsafeRawBufferPointer {
        func digit(_ number: UInt8) -> UInt8 { number < 10 ? 0x30 &+ number : 0x57 &+ number }
        let text = arena.allocate(2 + 2 * key.count)
        text[0] = UInt8(ascii: "\\")
        text[1] = UInt8(ascii: "x")
        for (place, byte) in key.enumerated() {
            text[2 + 2 * place] = digit(byte >> 4)
            text[3 + 2 * place] = digit(byte & 0xf)
        }
        return UnsafeRawBufferPointer(text)
    }
}
