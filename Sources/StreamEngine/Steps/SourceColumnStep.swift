extension Records {
    /// Stores what the source supplies with the records: offsets, records without a value, and the wanted columns. A
    /// column that the source does not supply is null.
    ///
    /// - Parameter linesBefore: lines of the input before the batch.
    mutating func take(
        _ source: SourceColumns, columns wanted: [(column: Int, source: SourceColumn)], linesBefore: Int
    ) {
        if !source.offsets.isEmpty { setOffsets(source.offsets) }
        if !source.absent.isEmpty { markAbsent(source.absent) }
        if !source.undecoded.isEmpty { markUndecoded(source.undecoded) }
        for (column, name) in wanted {
            if name == .line {
                fillTexts(column)
                continue
            }
            if name == .lineNumber {
                for row in 0..<count {
                    columns[column][row] = Value(Int64(linesBefore &+ Int(places[row].line) &+ 1))
                }
                continue
            }
            switch source.values(of: name) {
            case .none: columns[column].update(repeating: .null, count: count)
            case .shared(.text(var text)):
                let copy = text.withUTF8 { arena.copy(UnsafeRawBufferPointer($0)) }
                columns[column].update(repeating: Value(copy), count: count)
            case .shared(.integer(let number)): columns[column].update(repeating: Value(number), count: count)
            case .integers(let numbers): fill(column, numbers) { Value($0) }
            case .times(let times): fill(column, times) { $0 == Int64.min ? .null : Value(time: $0) }
            case .texts(let texts): fill(column, texts) { $0.value($1, &$2) }
            case .bytes(let texts): fill(column, texts) { $0.digits($1, &$2) }
            case .documents(let texts): fill(column, texts) { copy, range, _ in copy.document(range) }
            }
        }
    }

    /// Uses the times that the source supplies as event times, as if they were read from a field.
    mutating func takeTimes(of source: SourceColumns) {
        var earliest = Int64.max
        var latest = Int64.min
        var areKnown = true
        for row in 0..<count {
            let line = Int(places[row].line)
            let time = source.time(of: line)
            times[row] = time
            timeKinds[row] = time == Int64.min ? .none : .known
            areKnown = areKnown && time != Int64.min
            earliest = min(earliest, time)
            latest = max(latest, time)
        }
        if areKnown, areAcceptedOrFiltered, count > 0 { timeSpan = earliest...latest }
    }

    /// Marks the records without a value; their numbers are in ascending order, like the lines of the rows.
    private mutating func markAbsent(_ absent: [Int]) {
        var next = 0
        for row in 0..<count where next < absent.count {
            let line = Int(places[row].line)
            while next < absent.count, absent[next] < line { next &+= 1 }
            guard next < absent.count, absent[next] == line else { continue }
            // A format may accept an empty text as a record, but not here.
            if places[row].status == .accepted { unusualRows &+= 1 }
            places[row].status = .noValue
        }
    }

    /// Rejects the records that the source could not decode.
    private mutating func markUndecoded(_ undecoded: [(record: Int, defect: RecordDefect)]) {
        var next = 0
        for row in 0..<count where next < undecoded.count {
            let line = Int(places[row].line)
            while next < undecoded.count, undecoded[next].record < line { next &+= 1 }
            guard next < undecoded.count, undecoded[next].record == line else { continue }
            if places[row].status == .accepted { unusualRows &+= 1 }
            places[row].status = .undecoded
            note(undecoded[next].defect, of: row)
        }
    }

    /// Stores the bytes of the records; none for those that are rejected, whose values must not be used.
    private mutating func fillTexts(_ column: Int) {
        for row in 0..<count {
            guard places[row].status == .accepted else {
                columns[column][row] = .missing
                continue
            }
            let text = text(of: row)
            let isText = text.baseAddress.map { UTF8Text.isValid($0, 0, text.count) } ?? true
            columns[column][row] = Value(isText ? text : repaired(text))
        }
    }

    /// A copy with U+FFFD for what is not UTF-8.
    @inline(never) private mutating func repaired(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var copy = String(decoding: text, as: UTF8.self)
        return copy.withUTF8 { arena.copy(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    private func fill(_ column: Int, _ numbers: [Int64], _ value: (Int64) -> Value) {
        let cells = columns[column]
        for row in 0..<count {
            let line = Int(places[row].line)
            cells[row] = line < numbers.count ? value(numbers[line]) : .null
        }
    }

    /// Copies all texts at once and lets the cells borrow from the copy.
    @inline(__always)
    private mutating func fill(
        _ column: Int, _ texts: TextValues, _ value: (CopiedTexts, Range<Int>, inout ByteArena) -> Value
    ) {
        let copy = texts.withBytes { CopiedTexts($0, into: &arena) }
        for row in 0..<count {
            columns[column][row] = texts.range(of: Int(places[row].line)).map { value(copy, $0, &arena) } ?? .null
        }
    }
}

/// A copy of the texts of a batch, followed by some readable bytes.
private struct CopiedTexts {
    private let bytes: UnsafeRawBufferPointer

    init(_ texts: UnsafeRawBufferPointer, into arena: inout ByteArena) {
        let copy = arena.allocate(texts.count + 8)
        copy.copyMemory(from: texts)
        for position in texts.count..<copy.count { copy[position] = 0 }
        bytes = UnsafeRawBufferPointer(copy)
    }

    private func text(_ range: Range<Int>) -> UnsafeRawBufferPointer? {
        guard let base = bytes.baseAddress, range.lowerBound >= 0, range.upperBound <= bytes.count - 8 else {
            return nil
        }
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// The text, or its bytes as `\x` and digits if it is not UTF-8.
    func value(_ range: Range<Int>, _ arena: inout ByteArena) -> Value {
        guard let text = text(range) else { return .null }
        guard !UTF8Text.isValid(text) else { return Value(text) }
        let digits = arena.allocate(HexText.markedCount(text.count))
        HexText.writeMarked(text, to: digits)
        return Value(UnsafeRawBufferPointer(digits))
    }

    /// The bytes as hexadecimal digits.
    func digits(_ range: Range<Int>, _ arena: inout ByteArena) -> Value {
        guard let text = text(range) else { return .null }
        let digits = arena.allocate(2 * text.count)
        HexText.write(text, to: digits)
        return Value(UnsafeRawBufferPointer(digits))
    }

    func document(_ range: Range<Int>) -> Value { text(range).map { Value($0, kind: .json) } ?? .null }
}
