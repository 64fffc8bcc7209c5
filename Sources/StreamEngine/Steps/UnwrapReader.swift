/// Reads the records that a field holds as text (`--unwrap`), and adds their fields to the records around them.
final class UnwrapReader {
    private let column: Int
    private let format: Nesting.TextFormat
    private let columnCount: Int
    /// The formats of the texts, each with its layer.
    private let readers: [Reader]

    private final class Reader {
        let layer: Int
        private var format: any RecordFormat & ~Copyable

        init(_ input: InputFormat, _ fields: [FieldPath], maxLine: Int, layer: Int) {
            self.layer = layer
            format = input.make(fields, maxLine)
        }

        func read(_ layer: RecordLayer) { format.read(&layer.batch, into: &layer.records) }
    }

    /// The number of layers that each reader uses.
    private static let layerCount = 2

    /// - Parameter number: of the field among those that are unwrapped.
    init(_ number: Int, _ layout: ColumnLayout, maxLine: Int) {
        let nesting = layout.nesting
        column = layout.textColumns[number]
        format = nesting.texts[number].format
        columnCount = layout.fields.count
        let fields = layout.fields(at: nesting.arrays.count + number + 1)
        let inputs: [InputFormat] =
            switch format {
            case .auto: [.json, .logfmt]
            case .json: [.json]
            case .logfmt: [.logfmt]
            case .csv(let columns, let separator):
                [.delimited(DelimitedLayout(separator: separator, hasQuotes: true, names: columns, header: []))]
            case .tsv(let columns):
                [.delimited(DelimitedLayout(separator: 0x09, hasQuotes: false, names: columns, header: []))]
            }
        let first = nesting.arrays.count + number * Self.layerCount
        readers = inputs.enumerated().map {
            Reader($0.element, fields, maxLine: maxLine, layer: first + $0.offset)
        }
    }

    /// - Parameter defect: the status of a record whose text is meant as JSON, but is not valid.
    func apply(to records: inout Records, defect: RecordStatus) {
        for reader in readers { records.layer(reader.layer, columnCount: columnCount).removeAll() }
        for row in 0..<records.count where records.places[row].status == .accepted {
            guard let (text, place) = record(in: records.columns[column][row]) else { continue }
            records.layers[readers[place].layer].append(text, of: row)
        }
        for (place, reader) in readers.enumerated() {
            let layer = records.layers[reader.layer]
            guard !layer.parents.isEmpty else { continue }
            reader.read(layer)
            let isJSON = format == .json || format == .auto && place == 0
            records.merge(layer, columns: columnCount, defect: isJSON ? defect : nil)
            // Only JSON has numbers that are printed with the digits that they were read from.
            if isJSON { records.columns.source = layer.batch.bytes }
        }
    }

    /// The text of the record in a value, and the number of its reader; nil if there is none.
    private func record(in value: Value) -> (UnsafeRawBufferPointer, Int)? {
        guard value.kind == .string || value.kind == .json else { return nil }
        var text = value.bytes[...]
        while let last = text.last, last <= 0x20 { text.removeLast() }
        while let first = text.first, first <= 0x20, first != 0x09 || !isTable { text.removeFirst() }
        guard let first = text.first else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: text)
        switch format {
        case .auto:
            if first == UInt8(ascii: "{") { return PackedRecord.isObject(bytes) ? (bytes, 0) : nil }
            return value.kind == .string && PackedRecord.isLogfmt(bytes) ? (bytes, 1) : nil
        case .json: return first == UInt8(ascii: "{") ? (bytes, 0) : nil
        case .logfmt, .csv, .tsv: return value.kind == .string ? (bytes, 0) : nil
        }
    }

    private var isTable: Bool { if case .tsv = format { true } else { false } }
}

/// What a text in a field looks like.
enum PackedRecord {
    /// Whether it begins like a JSON object, rather than like other text in braces.
    static func isObject(_ text: UnsafeRawBufferPointer) -> Bool {
        let next = text.dropFirst().first { $0 > 0x20 }
        return next == UInt8(ascii: "\"") || next == UInt8(ascii: "}")
    }

    /// Whether at least half of its words are NAME=VALUE.
    static func isLogfmt(_ text: UnsafeRawBufferPointer) -> Bool {
        var words = 0
        var pairs = 0
        var i = 0
        while i < text.count {
            while i < text.count, text[i] <= 0x20 { i &+= 1 }
            guard i < text.count else { break }
            let start = i
            while i < text.count, FieldPath.isNameByte(text[i]) || ".-/".utf8.contains(text[i]) { i &+= 1 }
            words &+= 1
            if i > start, i < text.count, text[i] == UInt8(ascii: "=") {
                pairs &+= 1
                i &+= 1
                if i < text.count, text[i] == UInt8(ascii: "\"") { i = endOfQuotes(text, i &+ 1) }
            }
            while i < text.count, text[i] > 0x20 { i &+= 1 }
        }
        return pairs > 0 && pairs &* 2 >= words
    }

    private static func endOfQuotes(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var i = start
        while i < text.count, text[i] != UInt8(ascii: "\"") { i &+= text[i] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(i, text.count)
    }
}
