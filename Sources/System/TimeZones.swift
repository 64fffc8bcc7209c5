import Glibc

/// The UTC offsets of a time zone, from the C library's data: each applies from second `from` (since 1970) until the
/// next one. The first starts at `Int64.min`. Covers the years 1880 to 2440; the last offset applies after that.
///
/// Temporarily changes the environment variable `TZ`, so call it before starting any thread.
///
/// - Parameter name: an IANA name such as `Europe/Berlin`, `UTC`, or `local` for the zone of this machine.
/// - Returns: nil if there is no such zone. Also the abbreviations of the offsets, such as `CET`; numbers are none.
/// - Throws: if the file of the zone is damaged.
package func zoneOffsets(
    named name: String
) throws(ZoneFileError) -> [(from: Int64, offset: Int32, abbreviation: String)]? {
    if name == "UTC" { return [(.min, 0, "UTC")] }
    guard let path = try zoneFile(named: name) else { return nil }
    guard !path.isEmpty else { return [(.min, 0, "UTC")] }
    let former = getenv("TZ").map { String(cString: $0) }
    setenv("TZ", ":" + path, 1)
    tzset()
    defer {
        if let former { setenv("TZ", former, 1) } else { unsetenv("TZ") }
        tzset()
    }
    var offsets: [(from: Int64, offset: Int32, abbreviation: String)] = []
    var second = seconds(1880)
    var offset = utcOffset(at: second)
    offsets.append((.min, offset, abbreviation(at: second)))
    // No zone changes its offset and changes it back within one step: the shortest such interval so far was 4 days, in
    // 1939. After the tables end, in 2087, only yearly rules apply.
    for (end, step) in [(seconds(2090), Int64(3 * 86_400)), (seconds(2440), 14 * 86_400)] {
        while second < end {
            let following = second + step
            let changed = utcOffset(at: following)
            if changed != offset {
                offsets.append(
                    (firstSecond(after: second, upTo: following, offset: changed), changed, abbreviation(at: following))
                )
                offset = changed
            }
            second = following
        }
    }
    return offsets
}

/// The file of a zone; empty for `local` on a machine without one, which means UTC; nil if there is no such zone.
private func zoneFile(named name: String) throws(ZoneFileError) -> String? {
    if name == "local" { return try isZoneFile("/etc/localtime") ? "/etc/localtime" : "" }
    // Accept only plain names, which cannot leave the directory, and no zones that count leap seconds.
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let arePlain = parts.allSatisfy { part in
        part.utf8.first.map { isLetter($0) } ?? false
            && part.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || [43, 45, 95].contains($0) }
    }
    guard arePlain, parts.first != "right" else { return nil }
    let folder = getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
    let path = "\(folder)/\(name)"
    return try isZoneFile(path) ? path : nil
}

/// The names of all time zones, from the table that tzdata installs; empty without one.
package func zoneNames() -> [String] {
    let folder = getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
    var names: Set<String> = ["UTC"]
    // Lines `Z NAME RULES` and `L TARGET NAME`.
    for line in (fileText("\(folder)/tzdata.zi", most: 1 << 20) ?? "").split(separator: "\n") {
        let words = line.split(separator: " ", maxSplits: 3)
        if words.count >= 2, words[0] == "Z" { names.insert(String(words[1])) }
        if words.count >= 3, words[0] == "L" { names.insert(String(words[2])) }
    }
    // Lines with code, coordinates and NAME.
    for line in (fileText("\(folder)/zone1970.tab", most: 1 << 20) ?? "").split(separator: "\n")
    where !line.hasPrefix("#") {
        let cells = line.split(separator: "\t")
        if cells.count >= 3 { names.insert(String(cells[2])) }
    }
    return names.sorted()
}

private func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }

/// Whether a file describes a time zone: the directory contains other files too.
private func isZoneFile(_ path: String) throws(ZoneFileError) -> Bool {
    guard let file = try? FileDescriptor.openForReading(path), file.isRegularFile,
        let bytes = fileBytes(path, most: 1 << 20), ZoneFile.isLike(bytes)
    else { return false }
    if let defect = ZoneFile.defect(of: bytes) { throw ZoneFileError(path: path, defect: defect) }
    return true
}

/// Seconds from 1970 to the start of a year.
private func seconds(_ year: Int64) -> Int64 {
    let before = year - 1
    return ((year - 1970) * 365 + before / 4 - before / 100 + before / 400 - 477) * 86_400
}

private func utcOffset(at second: Int64) -> Int32 {
    var time = time_t(second)
    var parts = tm()
    guard localtime_r(&time, &parts) != nil else { return 0 }
    return Int32(truncatingIfNeeded: parts.tm_gmtoff)
}

private func abbreviation(at second: Int64) -> String {
    var time = time_t(second)
    var parts = tm()
    guard localtime_r(&time, &parts) != nil, let name = parts.tm_zone else { return "" }
    return String(cString: name)
}

/// The first second in a range at which `offset` applies. It applies at the end of the range, but not at the start.
private func firstSecond(after start: Int64, upTo end: Int64, offset: Int32) -> Int64 {
    var (without, with) = (start, end)
    // Modern transitions fall on a multiple of 15 minutes after `start`, so try those first.
    while with - without > 900 {
        let middle = without + (with - without) / 1800 * 900
        if middle == without { break }
        if utcOffset(at: middle) == offset { with = middle } else { without = middle }
    }
    if utcOffset(at: with - 1) != offset { return with }
    while with - without > 1 {
        let middle = without + (with - without) / 2
        if utcOffset(at: middle) == offset { with = middle } else { without = middle }
    }
    return with
}
