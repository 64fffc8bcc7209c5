import Testing

@testable import System

@Suite("time zone files") struct ZoneFileTests {
    private static func bytes(_ zone: String) throws -> [UInt8] {
        try #require(fileBytes("/usr/share/zoneinfo/\(zone)", most: 1 << 20))
    }

    /// A header and the block of one offset.
    private static func file(
        version: UInt8 = 0, leapSeconds: UInt8 = 0, types: UInt8 = 1, offset: [UInt8] = [0, 0, 0, 0], index: UInt8 = 0,
        name: [UInt8] = Array("UTC\0".utf8), width: Int = 4
    ) -> [UInt8] {
        let header: [UInt8] = Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15)
        let counts: [UInt8] = [0, 0, leapSeconds, 0, types, UInt8(name.count)]
        return header + counts.flatMap { [0, 0, 0, $0] } + offset + [0, index] + name
            + Array(repeating: 0, count: Int(leapSeconds) * (width + 4))
    }

    private static func file(footer: String) -> [UInt8] {
        file(version: 50) + file(version: 50, width: 8) + Array(footer.utf8)
    }

    @Test("those of this machine are right")
    func installed() throws {
        for zone in zoneNames() {
            guard let bytes = fileBytes("/usr/share/zoneinfo/\(zone)", most: 1 << 20) else { continue }
            #expect(ZoneFile.isLike(bytes), "\(zone)")
            #expect(ZoneFile.defect(of: bytes) == nil, "\(zone)")
        }
    }

    @Test("a file that is cut off anywhere is refused", arguments: ["Europe/Berlin", "UTC", "Asia/Gaza"])
    func cut(zone: String) throws {
        let bytes = try Self.bytes(zone)
        for length in 0..<bytes.count {
            #expect(ZoneFile.isLike(Array(bytes[..<length])))
            #expect(ZoneFile.defect(of: Array(bytes[..<length])) != nil, "\(length) of \(bytes.count) bytes")
        }
    }

    @Test("a file that goes on after its end is refused", arguments: ["Europe/Berlin", "UTC"])
    func longer(zone: String) throws {
        let bytes = try Self.bytes(zone)
        for more in ["x", "\n", "\0", "TZif", "\n\n"] { #expect(ZoneFile.defect(of: bytes + Array(more.utf8)) != nil) }
    }

    @Test("no count in a header can be another one", arguments: ["Europe/Berlin", "Asia/Kathmandu"])
    func counts(zone: String) throws {
        let bytes = try Self.bytes(zone)
        let second = try #require((44..<bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual(Array("TZif".utf8)) })
        for header in [0, second] {
            for place in header + 20..<header + 44 {
                for bit in 0..<8 {
                    var damaged = bytes
                    damaged[place] ^= 1 << UInt8(bit)
                    #expect(ZoneFile.defect(of: damaged) != nil, "bit \(bit) of byte \(place)")
                }
            }
        }
    }

    @Test("a file of random bytes after the magic is refused, and traps nothing", arguments: 0..<UInt64(200))
    func noise(seed: UInt64) {
        var state = seed
        let noise = (0..<200).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        #expect(ZoneFile.defect(of: Array("TZif".utf8) + noise) != nil)
        #expect(ZoneFile.defect(of: Array("TZif2".utf8) + noise) != nil)
        #expect(ZoneFile.defect(of: Array("TZif".utf8) + Array(repeating: 0xff, count: 40) + noise) != nil)
    }

    @Test("the smallest files are right")
    func smallest() {
        #expect(ZoneFile.defect(of: Self.file()) == nil)
        #expect(ZoneFile.defect(of: Self.file(footer: "\n\n")) == nil)
    }

    @Test("offsets, abbreviations and leap seconds are checked")
    func content() {
        #expect(ZoneFile.defect(of: Self.file(types: 0)) != nil)
        #expect(ZoneFile.defect(of: Self.file(offset: [0x80, 0, 0, 0])) != nil)
        #expect(ZoneFile.defect(of: Self.file(offset: [0, 2, 0, 0])) != nil)
        #expect(ZoneFile.defect(of: Self.file(index: 4)) != nil)
        #expect(ZoneFile.defect(of: Self.file(name: Array("UTC".utf8))) != nil)
        #expect(ZoneFile.defect(of: Self.file(leapSeconds: 1))?.contains("leap seconds") == true)
    }

    @Test(
        "rules are those of POSIX, as RFC 9636 extends them",
        arguments: [
            "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "EST5EDT,M3.2.0,M11.1.0",
            "IST-1GMT0,M10.5.0,M3.5.0/1", "AAA0BBB,J60/0:30:15,365/167", "UTC0",
        ])
    func rules(rule: String) { #expect(ZoneFile.defect(of: Self.file(footer: "\n\(rule)\n")) == nil) }

    @Test(
        "other rules are refused",
        arguments: [
            "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
            "CET-1CEST,M3.5.7,M10.5.0", "CE-1", "<+03-3", "CET-25", "CET-1:60", "CET-1CEST,J0,J1", "CET-1CEST,366,1",
            "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0,", "CET-1\0", "CET-1 ", "\n",
        ])
    func noRules(rule: String) { #expect(ZoneFile.defect(of: Self.file(footer: "\n\(rule)\n")) != nil) }
}
