@testable import StreamEngine

/// Patterns that hold all of a time, and how exact they are in microseconds.
private let complete: [(pattern: String, unit: Int64)] = [
    ("%Y-%m-%dT%H:%M:%S.%fZ", 1), ("%d/%b/%Y:%H:%M:%S %z", 1_000_000), ("%A, %e %B %Y %I:%M:%S.%3f %p", 1000),
    ("%s.%f", 1), ("%j %Y %T,%6f %z", 1), ("%F %T%.f", 1), ("%F %T.%L %Z", 1000), ("%F %T%.3N%z", 1000),
    ("%F %R", 60_000_000), ("%Y%m%d%H%M%S%3f", 1000), ("%s", 1_000_000),
    ("%a %h %d %T.%N %Y", 1),
]

private let zones: [ZoneOffsets] = [
    .utc, ZoneOffsets(name: "East", offsets: [(from: .min, offset: 20_700)]),
    ZoneOffsets(name: "West", offsets: [(from: .min, offset: -12_600)]),
]

/// 0000-01-01 and 10000-01-01.
private let writable: Range<Int64> = -62_167_219_200_000_000..<253_402_300_800_000_000

private func read(_ text: [UInt8]) -> Int64? { text.withUnsafeBytes { RFC3339.parse($0) } }

private func read(_ text: [UInt8], _ pattern: TimePattern, _ zone: ZoneOffsets) -> Int64? {
    text.withUnsafeBytes { pattern.parse($0, zone: zone) }
}

private func write(_ body: (inout ByteBuffer) -> Void) -> [UInt8] {
    var buffer = ByteBuffer()
    body(&buffer)
    return buffer.withBytes { Array($0) }
}

private func shown(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self) }

/// What is written is read back, the quick reader reads what the plain one reads, numbers are read as their digits are.
func checkTimes(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    switch input.below(3) {
    case 0: checkWritten(&input)
    case 1: checkPattern(&input)
    default: checkLines(&input)
    }
}

private func checkWritten(_ input: inout Input) {
    let (text, unit) = input.pick(complete)
    let zone = input.pick(zones)
    let width = Int64(writable.upperBound - writable.lowerBound)
    let time = writable.lowerBound + Int64(bitPattern: input.word() >> 1) % width
    let rfc3339 = write { $0.append(time: time) }
    expect(read(rfc3339) == time, "\(time) is written \(shown(rfc3339))")
    guard let pattern = try? TimePattern.compile(text) else { fail("\(text) is refused") }
    // The local clock has to show a year of four digits too.
    guard writable.contains(zone.local(fromUTC: time)) else { return }
    let written = write { pattern.append(time, zone: zone, to: &$0) }
    let found = read(written, pattern, zone)
    expect(
        found == time - floorRemainder(time, unit),
        "\(text) in \(zone.name): \(time), \(shown(written)), \(found as Any)")
}

private func checkPattern(_ input: inout Input) {
    let zone = input.pick(zones)
    let text = input.text()
    guard let pattern = try? TimePattern.compile(text) else { return }
    let given = input.rest()
    if let number = Int64(shown(given)), "\(number)" == shown(given) {
        // As a number and as text.
        var reader = TimeReader(.pattern(pattern), zone: zone)
        let direct = read(given, pattern, zone)
        switch reader.read(Value(number)) {
        case .time(let time): expect(time == direct, "\(text): \(number) as a number \(time), as text \(direct as Any)")
        default: expect(direct == nil, "\(text): \(number) is read as text only")
        }
    }
    // Here the seconds end where the next field has to begin, which no reader can know.
    if text.contains("%s%") { return }
    guard let time = read(given, pattern, zone) else { return }
    let written = write { pattern.append(time, zone: zone, to: &$0) }
    // Patterns without a blank between two fields can be written and not read.
    guard let second = read(written, pattern, zone) else { return }
    let rewritten = write { pattern.append(second, zone: zone, to: &$0) }
    guard let third = read(rewritten, pattern, zone) else { fail("\(text): \(shown(rewritten)) is not read") }
    expect(second == third, "\(text): \(shown(written)) is \(second), \(shown(rewritten)) is \(third)")
}

private func checkLines(_ input: inout Input) {
    var quick = RFC3339Reader()
    var auto = TimeReader(.auto, zone: .utc)
    var local = TimeReader(.auto, zone: zones[1])
    while !input.isAtEnd {
        let line = input.field()
        let plain = read(line)
        let found = line.withUnsafeBytes { quick.parse($0) }
        expect(found == plain, "\(shown(line)): the quick reader finds \(found as Any), the plain one \(plain as Any)")
        let reading = line.withUnsafeBytes { auto.read(Value($0)) }
        if let plain { expect(reading == .time(plain), "\(shown(line)) is \(reading), \(plain)") }
        let elsewhere = line.withUnsafeBytes { local.read(Value($0)) }
        switch (reading, elsewhere) {
        case (.time(let time), .time(let other)):
            expect(time == other || time - other == 20_700_000_000, "\(shown(line)) is \(time) and \(other)")
            guard writable.contains(time) else { continue }
            let written = write { $0.append(time: time) }
            expect(read(written) == time, "\(shown(line)) is written \(shown(written))")
        case (.yearless(let time), .yearless(let other)):
            expect(time == other && YearlessTime(packed: time.packed) == time, "\(shown(line)) without a year")
            checkYear(time, near: Int64(line.count % 2000) * 1_000_000_000_000_000, line)
        case (.none, .none): break
        default: fail("\(shown(line)) is \(reading) and \(elsewhere)")
        }
    }
}

/// The nearest year is at most half of one away, except for 29 February; the latest is not after the known time.
private func checkYear(_ time: YearlessTime, near known: Int64, _ line: [UInt8]) {
    guard let nearest = time.nearest(to: known, zone: .utc), let latest = time.latest(before: known, zone: .utc) else {
        fail("\(shown(line)) has no year")
    }
    expect(abs(nearest - known) < 4 * 366 * Microseconds.day + Microseconds.day, "\(shown(line)) is \(nearest)")
    expect(
        latest <= known + Microseconds.week && latest > known - 8 * 366 * Microseconds.day,
        "\(shown(line)) is \(latest)")
}
