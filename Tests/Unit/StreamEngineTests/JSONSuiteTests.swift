import Foundation
import Testing

@testable import StreamEngine

/// The files of JSONTestSuite (Nicolas Seriot): below `$STREAMCTL_SHARED`, or in the folder `shared` of any folder above
/// the repository.
private let suite: [(name: String, text: [UInt8])] = {
    let named = ProcessInfo.processInfo.environment["STREAMCTL_SHARED"]
    var folders = named.map { [URL(fileURLWithPath: $0)] } ?? []
    var folder = URL(fileURLWithPath: #filePath)
    while named == nil, folder.path != "/" {
        folder.deleteLastPathComponent()
        folders.append(folder.appendingPathComponent("shared"))
    }
    for folder in folders {
        let place = folder.appendingPathComponent("json-test-suite")
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: place.path) else { continue }
        return names.sorted().filter { $0.hasSuffix(".json") }.compactMap { name in
            (try? Data(contentsOf: place.appendingPathComponent(name))).map { (name, Array($0)) }
        }
    }
    return []
}()

/// A record is one line: the text of a file is put into one as a member's value, and objects are taken as they are.
@Suite(.enabled(if: !suite.isEmpty, "no json-test-suite; STREAMCTL_SHARED names its folder"))
struct JSONSuiteTests {
    /// Files whose text has newlines within: as lines of their own they are something else.
    private static let severalLines: Set<String> = [
        // Valid as a text, but each of its lines is not.
        "y_array_with_1_and_newline.json", "y_object_with_newlines.json",
        // Invalid as a text, and each of its lines as well.
        "n_array_newlines_unclosed.json", "n_array_unclosed_with_new_lines.json", "n_string_unescaped_newline.json",
    ]

    /// The files that a reader may take or not, and what becomes of them here.
    private static let choices: [String: (isTaken: Bool, why: String)] = [
        "i_number_double_huge_neg_exp.json": (true, "rounds to 0"),
        "i_number_huge_exp.json": (false, "overflows a double"),
        "i_number_neg_int_huge_exp.json": (false, "overflows a double"),
        "i_number_pos_double_huge_exp.json": (false, "overflows a double"),
        "i_number_real_neg_overflow.json": (false, "overflows a double"),
        "i_number_real_pos_overflow.json": (false, "overflows a double"),
        "i_number_real_underflow.json": (true, "rounds to 0"),
        "i_number_too_big_neg_int.json": (true, "outside Int64, so a double"),
        "i_number_too_big_pos_int.json": (true, "outside Int64, so a double"),
        "i_number_very_big_negative_int.json": (true, "outside Int64, so a double"),
        "i_object_key_lone_2nd_surrogate.json": (false, "lone surrogate, in a key"),
        "i_string_1st_surrogate_but_2nd_missing.json": (false, "lone surrogate"),
        "i_string_1st_valid_surrogate_2nd_invalid.json": (false, "lone surrogate"),
        "i_string_UTF-16LE_with_BOM.json": (false, "not UTF-8"),
        "i_string_UTF-8_invalid_sequence.json": (false, "not UTF-8"),
        "i_string_UTF8_surrogate_U+D800.json": (false, "a surrogate is not UTF-8"),
        "i_string_incomplete_surrogate_and_escape_valid.json": (false, "lone surrogate"),
        "i_string_incomplete_surrogate_pair.json": (false, "lone surrogate"),
        "i_string_incomplete_surrogates_escape_valid.json": (false, "lone surrogates"),
        "i_string_invalid_lonely_surrogate.json": (false, "lone surrogate"),
        "i_string_invalid_surrogate.json": (false, "lone surrogate"),
        "i_string_invalid_utf-8.json": (false, "not UTF-8"),
        "i_string_inverted_surrogates_U+1D11E.json": (false, "lone surrogates"),
        "i_string_iso_latin_1.json": (false, "not UTF-8"),
        "i_string_lone_second_surrogate.json": (false, "lone surrogate"),
        "i_string_lone_utf8_continuation_byte.json": (false, "not UTF-8"),
        "i_string_not_in_unicode_range.json": (false, "above U+10FFFF"),
        "i_string_overlong_sequence_2_bytes.json": (false, "overlong"),
        "i_string_overlong_sequence_6_bytes.json": (false, "overlong"),
        "i_string_overlong_sequence_6_bytes_null.json": (false, "overlong"),
        "i_string_truncated-utf-8.json": (false, "not UTF-8"),
        "i_string_utf16BE_no_BOM.json": (false, "not UTF-8"),
        "i_string_utf16LE_no_BOM.json": (false, "not UTF-8"),
        "i_structure_500_nested_arrays.json": (true, "501 deep is not too deep"),
        "i_structure_UTF-8_BOM_empty_object.json": (false, "a byte order mark not at the beginning of the input"),
    ]

    /// Invalid, but Python writes such values: they are read as null.
    private static let notFinite: Set<String> = [
        "n_number_NaN.json", "n_number_infinity.json", "n_number_minus_infinity.json",
    ]

    /// The text without the newline at its end.
    private static func line(_ text: [UInt8]) -> [UInt8] { text.last == 0x0a ? Array(text.dropLast()) : text }

    private static func wrapped(_ text: [UInt8]) -> [UInt8] {
        Array("{\"x\":".utf8) + line(text) + [UInt8(ascii: "}")]
    }

    /// The status, the same whether the value is wanted or not.
    private static func status(_ line: [UInt8]) throws -> RecordStatus {
        let wanted = try scanLine(line, "x", "x[0]", "x.a").status
        #expect(try scanLine(line, "other").status == wanted)
        #expect(try scanLine(line).status == wanted)
        return wanted
    }

    @Test("the suite is whole, and the table knows every file of it that has a choice")
    func complete() {
        #expect(suite.count == 318)
        #expect(Self.notFinite.isSubset(of: suite.map(\.name)))
        #expect(Set(suite.map(\.name).filter { $0.hasPrefix("i_") }) == Set(Self.choices.keys))
        #expect(Set(suite.filter { Self.line($0.text).contains(0x0a) }.map(\.name)) == Self.severalLines)
    }

    @Test("valid texts are valid values, invalid ones are not, and the rest as the table says")
    func values() throws {
        for (name, text) in suite where !Self.severalLines.contains(name) {
            let isTaken = name.hasPrefix("y_") || Self.choices[name]?.isTaken == true || Self.notFinite.contains(name)
            let status = try Self.status(Self.wrapped(text))
            #expect((status == .accepted) == isTaken, "\(name): \(status)")
            // A second opinion.
            #expect((JSONTree.record(Self.wrapped(text)) != nil) == isTaken, "\(name)")
        }
    }

    @Test("as a line of its own an object is a record and nothing else is")
    func lines() throws {
        for (name, text) in suite where !Self.severalLines.contains(name) {
            let line = Self.line(text)
            let isObject = line.first { $0 > 0x20 } == UInt8(ascii: "{")
            if line.allSatisfy({ $0 == 0x20 }) {
                #expect(scanLines(text).isEmpty, "\(name) is a blank line")
            } else if name.hasPrefix("i_"), isObject {
                #expect((try Self.status(line) == .accepted) == Self.choices[name]?.isTaken, "\(name)")
            } else {
                #expect((try Self.status(line) == .accepted) == (name.hasPrefix("y_") && isObject), "\(name)")
            }
        }
        let marked = try #require(suite.first { $0.name == "i_structure_UTF-8_BOM_empty_object.json" })
        #expect(scanLines(marked.text, startsInput: true)[0]?.status == .accepted)
    }

    @Test("a text of several lines is several records, none of them valid")
    func several() {
        for (name, text) in suite where Self.severalLines.contains(name) {
            let lines = scanLines(text)
            #expect(lines.count > 1 && lines.values.allSatisfy { $0.status.isRejected }, "\(name)")
        }
    }
}
