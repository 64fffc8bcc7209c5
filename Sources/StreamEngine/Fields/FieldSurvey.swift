/// What the records of an input hold: their fields, with kinds, values and order of times.
///
/// Memory is bounded: at most `mostFields` fields, with a few examples each. Not for the hot path: every member of every
/// record is looked at.
package final class FieldSurvey {
    /// Fields beyond this number are only counted.
    package static let mostFields = 400
    /// Objects nested deeper than this are listed as a whole.
    package static let mostDepth = 6

    /// Valid records.
    package private(set) var recordCount = 0
    package private(set) var rejectedCount = 0
    /// The first record that is not valid, and why.
    package private(set) var firstRejected: (position: RecordPosition, detail: String)?
    /// The fields in the order in which they were first seen; the members of an object follow it.
    package var fields: [FieldProfile] { order(below: nil) }
    /// Whether there were more fields than are listed.
    package private(set) var hasMore = false

    private var profiles: [FieldProfile] = []
    /// The numbers of the profiles of the members of each object; of the record itself under -1.
    private var members: [Int: [(name: [UInt8], profile: Int)]] = [:]
    private var format: any RecordFormat & ~Copyable
    private var records: Records
    private var input: InputFormat
    private let maxLine: Int
    private var times = TimeReader(.auto, zone: .utc)
    private var arena = ByteArena()
    private var linesBefore = 0
    private let most: Int?

    /// - Parameters:
    ///   - maxLine: the longest record in bytes.
    ///   - most: looks only at so many records; nil for all.
    package init(maxLine: Int = 1 << 20, most: Int? = nil) {
        input = .json
        self.maxLine = maxLine
        format = Self.make(input, maxLine)
        records = Records(columnCount: 1)
        self.most = most
    }

    /// Whether it has looked at as many records as it should.
    package var isFull: Bool { most.map { recordCount + rejectedCount >= $0 } ?? false }

    private static func make(_ input: InputFormat, _ maxLine: Int) -> any RecordFormat & ~Copyable {
        input.make([FieldPath(name: Array("$watermark".utf8))], maxLine)
    }

    /// Looks at the records of a batch.
    package func take(_ batch: inout Batch, as other: InputFormat = .json) {
        if !(other == input) {
            input = other
            format = Self.make(other, maxLine)
        }
        format.read(&batch, into: &records)
        records.describe(input.traits)
        take(records, of: batch)
    }

    /// Looks at records that were read elsewhere.
    package func take(_ records: borrowing Records, of batch: borrowing Batch) {
        if batch.startsInput { linesBefore = 0 }
        let rows = (0..<records.count).filter { records.isReadable($0) }
        var objects = records.objects(of: rows).makeIterator()
        for row in 0..<records.count where !isFull {
            let status = records.places[row].status
            if status.isRejected {
                note(row, status, records, batch)
            } else if status != .control {
                recordCount += 1
                guard records.isReadable(row), case let text?? = objects.next() else { continue }
                arena.removeAll()
                (text + [UInt8](repeating: UInt8(ascii: "\n"), count: Batch.padding)).withUnsafeBytes { text in
                    guard let base = text.baseAddress else { return }
                    _ = object(base, at: JSONWalk.skipSpace(base, 0), parent: -1, depth: 1)
                }
            }
        }
        linesBefore += records.lineCount
    }

    private func note(
        _ row: Int, _ status: RecordStatus, _ records: borrowing Records, _ batch: borrowing Batch
    ) {
        rejectedCount += 1
        guard firstRejected == nil else { return }
        let position = records.position(
            of: row, input: batch.input, partition: batch.partition, linesBefore: linesBefore)
        firstRejected = (position, "\(records.detail(of: status))")
    }

    /// Reads the members of the object at `start`, which the scanner has accepted.
    ///
    /// - Returns: the index after it.
    private func object(_ base: UnsafeRawPointer, at start: Int, parent: Int, depth: Int) -> Int {
        var i = JSONWalk.skipSpace(base, start + 1)
        while byte(base, i) == UInt8(ascii: "\"") {
            let name = JSONString.read(base, from: i + 1, isWanted: true, arena: &arena)
            guard name.end >= 0 else { return i }
            i = JSONWalk.skipSpace(base, name.end + 1)
            i = JSONWalk.skipSpace(base, i + 1)
            let profile = find(name.value.bytes, below: parent, depth: depth)
            i = value(base, at: i, profile, depth: depth)
            i = JSONWalk.skipSpace(base, i)
            guard byte(base, i) == UInt8(ascii: ",") else { break }
            i = JSONWalk.skipSpace(base, i + 1)
        }
        return i + 1
    }

    private func value(_ base: UnsafeRawPointer, at start: Int, _ profile: Int?, depth: Int) -> Int {
        switch byte(base, start) {
        case UInt8(ascii: "{"):
            if let profile {
                profiles[profile].note(.object, in: recordCount)
                if depth < Self.mostDepth { return object(base, at: start, parent: profile, depth: depth + 1) }
            }
            return JSONWalk.skipNested(base, start)
        case UInt8(ascii: "["):
            if let profile { profiles[profile].note(.array, in: recordCount) }
            return JSONWalk.skipNested(base, start)
        case UInt8(ascii: "\""):
            let text = JSONString.read(base, from: start + 1, isWanted: profile != nil, arena: &arena)
            guard text.end >= 0 else { return start + 1 }
            take(text.value, profile)
            return text.end + 1
        case UInt8(ascii: "t"):
            take(Value(true), profile)
            return start + 4
        case UInt8(ascii: "f"):
            take(Value(false), profile)
            return start + 5
        case UInt8(ascii: "n"):
            if let profile { profiles[profile].note(.null, in: recordCount) }
            return start + 4
        default:
            let number = JSONNumber.parse(base, from: start)
            guard number.end > start else {
                if let profile { profiles[profile].note(.null, in: recordCount) }
                return start + max(1, JSONWord.notFinite(base, start))
            }
            take(number.value, profile)
            return number.end
        }
    }

    private func take(_ value: Value, _ profile: Int?) {
        guard let profile else { return }
        profiles[profile].take(value, &times, in: recordCount)
    }

    private func find(_ name: UnsafeRawBufferPointer, below parent: Int, depth: Int) -> Int? {
        if let known = members[parent]?.first(where: { $0.name.elementsEqual(name) }) { return known.profile }
        guard profiles.count < Self.mostFields else {
            hasMore = true
            return nil
        }
        let name = Array(name)
        let path = FieldProfile.path(name, below: parent < 0 ? nil : profiles[parent].path)
        profiles.append(FieldProfile(path: path, depth: depth))
        members[parent, default: []].append((name, profiles.count - 1))
        return profiles.count - 1
    }

    private func order(below parent: Int?) -> [FieldProfile] {
        (members[parent ?? -1] ?? []).flatMap { [profiles[$0.profile]] + order(below: $0.profile) }
    }
}

/// Steps over JSON text that is known to be valid.
enum JSONWalk {
    static func skipSpace(_ base: UnsafeRawPointer, _ start: Int) -> Int {
        var i = start
        while [0x20, 0x09, 0x0a, 0x0d].contains(byte(base, i)) { i += 1 }
        return i
    }

    /// The index after the array or object at `start`.
    static func skipNested(_ base: UnsafeRawPointer, _ start: Int) -> Int {
        var depth = 0
        var i = start
        while true {
            switch byte(base, i) {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return i + 1 }
            case UInt8(ascii: "\""):
                let text = JSONString.scan(base, from: i + 1)
                guard text.end >= 0 else { return i + 1 }
                i = text.end
            default: break
            }
            i += 1
        }
    }
}
