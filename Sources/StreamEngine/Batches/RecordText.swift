/// The texts of records, and what is wrong with those that are rejected.
extension Records {
    /// What is wrong with a rejected record, in words, with its column and the text there.
    func explanation(of row: Int) -> String {
        let status = places[row].status
        let general = detail(of: status).description
        let text = text(of: row)
        switch status {
        case .tooLong: return "\(general): '\(Excerpt.text(text, limit: 30))'"
        case .noValue: return general
        case .undecoded, .noRow: return undecoded.first { $0.row == row }?.defect.message ?? general
        default:
            guard let defect = traits?.findDefect(text) else { return "\(general): '\(Excerpt.text(text))'" }
            let start = min(max(defect.offset, 0), text.count)
            let excerpt = Excerpt.text(UnsafeRawBufferPointer(rebasing: text[start...]))
            let shown = defect.showsText && !excerpt.isEmpty ? ": '\(excerpt)'" : ""
            // Characters, as editors count them.
            let column = String(decoding: text[..<start], as: UTF8.self).unicodeScalars.count + 1
            return start == 0 ? "\(defect.message)\(shown)" : "column \(column): \(defect.message)\(shown)"
        }
    }

    /// How to print the record of a row.
    func content(of row: Int) -> RecordContent {
        let status = places[row].status
        return status == .noValue ? .nothing : status.isUnread ? .text : traits?.content ?? .json
    }

    /// The details of a rejection, for messages and the rejects file.
    func detail(of status: RecordStatus) -> StaticString {
        switch status {
        case .tooLong: return "longer than --max-line"
        case .noValue: return "a tombstone: the message has no value"
        case .undecoded: return "the message cannot be decoded"
        case .noRow: return "a table of --lookup has no row for it"
        default:
            guard let defect = status.defect, let traits, traits.defects.indices.contains(defect) else { return "" }
            return traits.defects[defect]
        }
    }

    /// The bytes of a record in the batch, without its line end.
    func text(of row: Int) -> UnsafeRawBufferPointer {
        let slice = places[row]
        return UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: UInt(batchRange.lowerBound)).map { $0 + Int(slice.start) },
            count: Int(slice.length))
    }

    /// The texts of accepted records as JSON objects; nil for a record without fields.
    func objects(of rows: [Int]) -> [[UInt8]?] {
        let texts = rows.map { text(of: $0) }
        return traits.flatMap { $0.objects(texts) } ?? texts.map { Array($0) }
    }
}
