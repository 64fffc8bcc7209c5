internal import CVector

/// The shape of an earlier record: which of its bytes are digits of numbers or characters of strings. All others are the
/// same in each record of this shape, and so are the lengths of all values.
///
/// A record that fits is valid and has its values at the same places: one comparison of all its bytes is enough, and only
/// wanted values are read. All others are scanned (`RecordScanner`), which gives the same result. Programs that write
/// times, and numbers with a fixed number of digits, write records of few shapes.
struct RecordShape: ~Copyable {
    /// The longest record that can have a shape, with its line break, in bytes.
    static let longest = 512
    static let mostFields = 16
    static let block = 16
    /// Records that are compared before their values are read: they stay in the nearest cache.
    private static let mostAtOnce = 64

    /// The value of a wanted column.
    struct Field {
        enum Kind { case text, shortNumber, number, word }

        var kind: Kind
        var column = 0
        var node: Int32
        /// From the start of the record to its first byte; that of a string is the one after the quote.
        var offset: Int
        /// The bytes of a string.
        var length = 0
        var number = NumberShape()
        var word = Value.missing
    }

    /// For each 16 bytes of a record: the lowest values that they may have, and how far above these they may be.
    let ranges: UnsafeMutableRawPointer
    let fields: UnsafeMutablePointer<Field>
    var fieldCount = 0
    /// How many times 16 bytes; 0 if no shape is known.
    var blocks = 0
    /// The bytes of the record, and of the line break after it.
    var length = 0
    var lineEnd = 0

    init() {
        ranges = .allocate(byteCount: 2 * Self.longest, alignment: Self.block)
        fields = .allocate(capacity: Self.mostFields)
    }

    deinit {
        ranges.deallocate()
        fields.deallocate()
    }

    /// Whether each record has a value of a column.
    func fills(_ column: Int) -> Bool {
        (0..<fieldCount).contains { fields[$0].column == column }
    }

    /// Reads the record on the line of `rows`, and those on the next lines, while they fit.
    ///
    /// - Parameter end: bytes before this index can be read.
    @inline(never) func take(_ base: UnsafeRawPointer, to end: Int, _ rows: UnsafeMutablePointer<RowCursor>) {
        guard blocks > 0, rows.pointee.allows(length) else { return }
        var count = 0
        repeat {
            let start = rows.pointee.start
            count = countFitting(base + start, min(Self.mostAtOnce, rows.pointee.roomBeforeLast), end &- start)
            let cells = rows.pointee.cells
            for number in 0..<fieldCount {
                let column = cells + fields[number].column &* rows.pointee.stride
                read(fields + number, base, start &+ fields[number].offset, count, into: column)
            }
            rows.pointee.take(count, length: length, gap: lineEnd)
        } while count == Self.mostAtOnce
    }

    /// The number of consecutive records that fit, up to `most`.
    ///
    /// - Parameter readable: how many bytes at `place` can be read.
    @inline(__always) private func countFitting(_ place: UnsafeRawPointer, _ most: Int, _ readable: Int) -> Int {
        let (ranges, blocks, stride) = (ranges, blocks, length &+ lineEnd)
        var count = 0
        var offset = 0
        while count < most, offset &+ blocks &* Self.block <= readable, vector_fits(place + offset, ranges, blocks) != 0
        {
            count &+= 1
            offset &+= stride
        }
        return count
    }

    /// Reads a field of consecutive records.
    ///
    /// - Parameter start: its index in the first one.
    @inline(__always) private func read(
        _ field: UnsafePointer<Field>, _ base: UnsafeRawPointer, _ start: Int, _ count: Int,
        into cells: UnsafeMutablePointer<Value>
    ) {
        let stride = length &+ lineEnd
        var place = start
        switch field.pointee.kind {
        case .text:
            let length = field.pointee.length
            for row in 0..<count {
                cells[row] = Value(UnsafeRawBufferPointer(start: base + place, count: length))
                place &+= stride
            }
        case .shortNumber:
            let number = field.pointee.number
            for row in 0..<count {
                cells[row] = number.value(base, place)
                place &+= stride
            }
        case .number:
            for row in 0..<count {
                cells[row] = JSONNumber.parse(base, from: place).value
                place &+= stride
            }
        case .word:
            let word = field.pointee.word
            for row in 0..<count { cells[row] = word }
        }
    }
}
