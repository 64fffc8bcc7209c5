/// The columns that a table is read with: its keys, the times of its versions, and the values to add.
package struct LookupColumns: Sendable {
    private let lookup: Lookup
    /// The scanned fields, each once.
    private var scanned: [FieldPath] = []
    /// Where the keys are, the time, and the values of the columns to add.
    private(set) var keys: [Int] = []
    private(set) var time: Int?
    private(set) var values: [Int] = []
    /// The columns to add.
    private var wanted: [FieldPath] = []
    /// The names of all columns, as far as they are known.
    private var known: [[UInt8]] = []
    /// Whether the records show the names of the columns to add.
    private var findsNames = false
    /// Which of the fields some row has; only for formats without a header.
    private var isFound: [Bool] = []
    private var hasHeader = false

    init(_ lookup: Lookup) {
        self.lookup = lookup
        keys = lookup.keys.map { place(of: $0) }
        time = lookup.asOf.map { place(of: $0) }
        for path in chosen ?? [] { want(path) }
    }

    /// The columns to add, if the rows do not decide about them.
    private var chosen: [FieldPath]? {
        lookup.columns ?? lookup.expected?.map { FieldPath(name: Array($0.utf8)) }
    }

    private mutating func place(of path: FieldPath) -> Int {
        if let known = scanned.firstIndex(of: path) { return known }
        scanned.append(path)
        isFound.append(false)
        return scanned.count - 1
    }

    private mutating func want(_ path: FieldPath) {
        wanted.append(path)
        values.append(place(of: path))
    }

    /// The scanned fields. The last one is the `$watermark` member of control lines.
    var fields: [FieldPath] { scanned + [FieldPath(name: Array("$watermark".utf8))] }
    var names: [String] { wanted.map(\.columnName) }
    var paths: [FieldPath] { wanted }

    private func lacks(_ path: FieldPath, _ part: String) -> RunError {
        let names = known.map { String(decoding: $0, as: UTF8.self) }
        let near = Spelling.nearest(to: path.columnName, among: names)
        let hint =
            part == "key" && lookup.fields.contains(path) ? "; write key=COLUMN for a column of another name" : ""
        return .usage(
            "lookup \(lookup.path): \(part)=\(path.text): the table has no such column; it has "
                + names.joined(separator: ", ") + (near.map { " (did you mean \($0)?)" } ?? hint))
    }

    /// Decides about the columns of a table with a header.
    ///
    /// - Parameters:
    ///   - header: the names of all columns; nil if only the rows show them.
    ///   - hasParts: whether values may be objects, whose members paths name.
    mutating func begin(_ header: [String]?, hasParts: Bool = false) throws(RunError) {
        guard let header else {
            findsNames = chosen == nil
            return
        }
        hasHeader = true
        known = header.map { Array($0.utf8) }
        func check(_ paths: [FieldPath], _ part: String) throws(RunError) {
            for path in paths where !header.contains(path.columnName) {
                guard hasParts, let outer = path.outerName, header.contains(outer) else { throw lacks(path, part) }
            }
        }
        try check(lookup.keys, "key")
        try check(lookup.asOf.map { [$0] } ?? [], "as-of")
        try check(wanted, "columns")
        guard chosen == nil else { return }
        let keys = Set(lookup.keys.map(\.columnName))
        for name in header where !keys.contains(name) && !name.isEmpty { want(FieldPath(name: Array(name.utf8))) }
    }

    /// Looks for columns that no record before had.
    ///
    /// - Returns: whether there are any that are wanted.
    mutating func addNames(of records: borrowing Records) -> Bool {
        guard !hasHeader else { return false }
        let count = wanted.count
        var expected = 0
        for row in 0..<records.count where records.places[row].status == .accepted {
            let text = records.text(of: row)
            guard let start = text.firstIndex(of: UInt8(ascii: "{")) else { continue }
            var members = JSONItems(UnsafeRawBufferPointer(rebasing: text[start...]))
            expected = 0
            while let name = members.nextMember()?.name {
                defer { expected += 1 }
                if expected < known.count, known[expected].elementsEqual(name) { continue }
                guard !known.contains(where: { $0.elementsEqual(name) }) else { continue }
                add(name)
            }
            // Otherwise, the names are for messages only.
            if !findsNames, row > 100 { break }
        }
        return wanted.count > count
    }

    private mutating func add(_ text: UnsafeRawBufferPointer) {
        known.append(Array(text))
        guard findsNames else { return }
        var name = Array(text)
        if name.contains(UInt8(ascii: "\\")) {
            var arena = ByteArena()
            let padded = name + [UInt8](repeating: UInt8(ascii: "\""), count: 16)
            name = padded.withUnsafeBytes { bytes in
                bytes.baseAddress.map { Array(JSONString.unescape($0, from: 0, to: name.count, arena: &arena)) } ?? []
            }
        }
        guard !lookup.keys.contains(where: { $0.name == name }), !wanted.contains(where: { $0.name == name }) else {
            return
        }
        want(FieldPath(name: name))
    }

    mutating func noteFound(_ records: borrowing Records) {
        guard !hasHeader else { return }
        for column in isFound.indices where !isFound[column] { isFound[column] = records.hasValues(inColumn: column) }
    }

    /// - Throws: `usage` for a column that no row has.
    func end() throws(RunError) {
        guard !hasHeader, !known.isEmpty else { return }
        for (path, column) in zip(lookup.keys, keys) where !isFound[column] { throw lacks(path, "key") }
        if let path = lookup.asOf, let time, !isFound[time] { throw lacks(path, "as-of") }
        for (path, column) in zip(lookup.columns ?? [], values) where !isFound[column] {
            throw lacks(path, "columns")
        }
    }

    /// Those of `names` that are read.
    package func used(of names: [String]) -> [String] {
        let used = Set(scanned.map { names.contains($0.columnName) ? $0.columnName : $0.outerName ?? "" })
        return names.filter(used.contains)
    }
}

extension FieldPath {
    /// The name of the column that has the field, or of which it is a part.
    fileprivate var outerName: String? {
        guard case .name(let name)? = steps.first else { return nil }
        return String(decoding: name, as: UTF8.self)
    }
}
