/// Reads the elements of arrays as records (`--each`): one level after the other, each from the copied elements of the one
/// before.
///
/// A record that is rejected at a level goes through the levels after it as it is.
final class ElementReader {
    private let levels: [Level]
    private var elements: any RecordFormat & ~Copyable
    private let outerColumns: [OuterColumn]
    private let columnCount: Int
    /// The most bytes of a rejected record that are kept.
    private let maxLine: Int
    private var scratch = ByteBuffer()
    /// The array, as `--each` names it.
    private let array: String

    /// Reads the records of a level: the array, then the fields that inner records name.
    private final class Level {
        let fields: [FieldPath]
        let maxLine: Int
        /// Whether the records themselves are wanted, and what they are without their arrays.
        let keepsWhole: Bool
        private(set) var whole: [Value] = []
        private var input: InputFormat
        private(set) var format: any RecordFormat & ~Copyable

        init(_ fields: [FieldPath], keepsWhole: Bool, maxLine: Int) {
            self.fields = fields
            self.keepsWhole = keepsWhole
            self.maxLine = maxLine
            input = .json
            format = InputFormat.json.make(fields, maxLine)
        }

        func read(_ batch: inout Batch, as other: InputFormat, into records: inout Records) {
            if !(other == input) {
                input = other
                format = other.make(fields, maxLine)
            }
            format.read(&batch, into: &records)
        }

        /// Takes the records without their arrays.
        func noteWhole(_ records: inout Records) {
            guard keepsWhole else { return }
            whole.removeAll(keepingCapacity: true)
            for row in 0..<records.count {
                let array = records.columns[0][row]
                let isRead = records.places[row].status == .accepted && array.kind == .json
                whole.append(
                    isRead
                        ? OuterRecord.value(records.text(of: row), without: array, &records.arena) : .missing)
            }
        }
    }

    /// A field of an outer record, or that record.
    private struct OuterColumn {
        var column: Int
        var level: Int
        /// Its column in the records of the level; nil for the records themselves.
        var source: Int?
    }

    /// - Parameter documentLimit: the most bytes of a record with arrays.
    init(_ layout: ColumnLayout, maxLine: Int, documentLimit: Int) {
        self.maxLine = maxLine
        let nesting = layout.nesting
        var outer: [OuterColumn] = []
        levels = nesting.arrays.enumerated().map { number, array in
            var fields = [array]
            var keepsWhole = false
            for (column, field) in layout.fields.enumerated() {
                if let whole = nesting.wholeLevel(of: field) {
                    guard whole == number else { continue }
                    outer.append(OuterColumn(column: column, level: number))
                    keepsWhole = true
                    continue
                }
                guard nesting.level(of: field) == number, let path = nesting.path(field, at: number) else { continue }
                outer.append(OuterColumn(column: column, level: number, source: fields.count))
                fields.append(path)
            }
            fields += layout.fields.suffix(1)
            return Level(fields, keepsWhole: keepsWhole, maxLine: documentLimit)
        }
        outerColumns = outer
        columnCount = layout.fields.count
        elements = InputFormat.json.make(layout.fields(at: nesting.arrays.count), maxLine)
        array = nesting.arrayPath ?? ""
    }

    /// Changes the defects to those of a record without the array.
    func describe(_ traits: inout RecordTraits) {
        let array = array
        traits.defects = InputFormat.json.traits.defects
        traits.formatDefects = Int(JSONDefect.noArray.rawValue)
        traits.findDefect = {
            JSONDiagnosis.defect(in: $0)
                ?? RecordDefect(offset: 0, message: Self.missing(array, in: $0), showsText: false)
        }
    }

    /// What is wrong with a record without the array.
    private static func missing(_ array: String, in record: UnsafeRawBufferPointer) -> String {
        let others = FieldOutline(of: [Array(record)]).arrays
        let text = "no array at \(array)"
        func path(_ name: String) -> String { name.replacing("[]", with: "").lowercased() }
        if let meant = others.first(where: { path($0) == path(array) }) { return "\(text); write --each '\(meant)'" }
        guard !others.isEmpty else { return text }
        return "\(text), only at \(others.prefix(5).joined(separator: ", "))"
    }

    func read(_ batch: inout Batch, as input: InputFormat, into records: inout Records) {
        for (number, level) in levels.enumerated() {
            let layer = records.layer(number, columnCount: level.fields.count)
            if number == 0 {
                level.read(&batch, as: input, into: &layer.records)
                layer.records.noteTornLine(of: batch, isWholeIfValid: input.traits.isSelfDelimiting)
            } else {
                let outer = records.layers[number - 1]
                level.read(&outer.batch, as: .json, into: &layer.records)
                layer.records.reject(outer.statuses, columns: level.fields.count)
            }
            level.noteWhole(&layer.records)
            split(layer)
        }
        let layers = records.layers.prefix(levels.count)
        guard let first = layers.first, let last = layers.last else { return }
        elements.read(&last.batch, into: &records)
        records.reject(last.statuses, columns: columnCount)
        for row in 0..<records.count where !records.places[row].status.isRejected {
            for item in outerColumns {
                let parent = Self.parent(of: row, at: item.level, layers)
                records.columns[item.column][row] =
                    item.source.map { layers[item.level].records.columns[$0][parent] }
                    ?? levels[item.level].whole[parent]
            }
        }
        records.noteFilled(outerColumns.map(\.column))
        records.take(positionsOf: first.records) { Self.parent(of: $0, at: 0, layers) }
    }

    /// The row of a level that contains a row of the innermost records.
    private static func parent(of row: Int, at level: Int, _ layers: ArraySlice<RecordLayer>) -> Int {
        var row = row
        for number in layers.indices.reversed() where number >= level { row = layers[number].parents[row] }
        return row
    }

    /// Copies the elements of the arrays of a level.
    private func split(_ layer: RecordLayer) {
        layer.removeAll()
        for row in 0..<layer.records.count {
            let status = layer.records.places[row].status
            guard status == .accepted else {
                keep(row, of: layer, status.isRejected ? status : .accepted)
                continue
            }
            let value = layer.records.columns[0][row]
            if value.kind == .null { continue }
            guard value.kind == .json, value.bytes.first == UInt8(ascii: "[") else {
                keep(row, of: layer, .noArray)
                continue
            }
            var elements = JSONItems(value.bytes)
            while let element = elements.next() {
                if element.first == UInt8(ascii: "{") {
                    layer.append(element, of: row)
                } else {
                    scratch.removeAll()
                    scratch.append("{\"value\":" as StaticString)
                    scratch.append(element)
                    scratch.append(UInt8(ascii: "}"))
                    scratch.withBytes { layer.append($0, of: row) }
                }
            }
        }
    }

    /// Hands on a record as it is.
    private func keep(_ row: Int, of layer: RecordLayer, _ status: RecordStatus) {
        let text = layer.records.text(of: row)
        layer.append(UnsafeRawBufferPointer(rebasing: text.prefix(maxLine)), of: row, status)
    }
}
