import Foundation
import Testing

@testable import StreamEngine

@Suite("text in messages") struct TextInMessagesTests {
    private static let texts = ["", "a", "aa", "aaa", "abab", "a,b,,c", "x\u{e9}y", "--flag=value", ",,", "\\\"'"]
    private static let parts = ["a", "aa", "ab", ",", ",,", "\u{e9}", "=", "\\", "zz"]

    @Test("searching, replacing and splitting agree with Foundation", arguments: texts)
    func same(_ text: String) {
        for part in Self.parts {
            #expect(text.contains(part) == (text.range(of: part) != nil))
            for new in ["", "b", part + part] {
                #expect(text.replacing(part, with: new) == text.replacingOccurrences(of: part, with: new))
            }
            let range = text.range(of: part)
            let parts = text.parts(around: part)
            #expect(parts?.before == range.map { String(text[..<$0.lowerBound]) })
            #expect(parts?.after == range.map { String(text[$0.upperBound...]) })
        }
    }

    @Test("escapes for a terminal read back as the same JSON, and nothing else changes")
    func terminal() throws {
        let others: [UInt32] = [0x3000, 0xd7ff, 0xe000, 0xfeff, 0xfff9, 0xfffd, 0x1f600, 0xe0041]
        let scalars = (0x20...0x2fff).map { UInt32($0) } + others
        for value in scalars where value != 0x22 && value != 0x5c {
            let text = "\"" + String(Character(try #require(Unicode.Scalar(value)))) + "\""
            var buffer = ByteBuffer()
            Array(text.utf8).withUnsafeBytes { buffer.append(terminal: $0, .json) }
            let shown = buffer.text
            let back = try JSONDecoder().decode(String.self, from: Data(shown.utf8))
            #expect(Array(back.unicodeScalars.map(\.value)) == [value])
            let isEscaped = TerminalText.isControl(value) || TerminalText.isInvisible(value)
            #expect((shown.utf8.elementsEqual(text.utf8)) != isEscaped)
        }
    }

    @Test("bytes that are not UTF-8 are escaped one by one")
    func invalid() {
        for (bytes, expected) in [
            ([0x61, 0x9b, 0x62], "a\\x9bb"), ([0xe2, 0x80], "\\xe2\\x80"), ([0xc2], "\\xc2"),
            ([0xff, 0x0a], "\\xff\n"), ([0xf0, 0x9f, 0x98, 0x80], "\u{1f600}"), ([0x0d], "\\x0d"),
        ] as [([UInt8], String)] {
            var buffer = ByteBuffer()
            bytes.withUnsafeBytes { buffer.append(terminal: $0, .visible) }
            #expect(buffer.text == expected)
        }
    }
}
