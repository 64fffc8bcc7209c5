import Foundation
import Testing

/// A folder `Tests/Cases/AREA/NAME`: a command line, and what it must print.
///
/// - `cmd`: a command line for /bin/sh, run in a copy of the folder
/// - `out`, `err`: what it prints, byte for byte; a missing file is an empty one
/// - `status`: how it ends; missing: 0
///
/// `UPDATE_CASES=1` writes what was printed into the folders: read the difference before it is kept.
struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var folder: URL { Tree.cases.appendingPathComponent(name) }
    var testDescription: String { name }

    static let all: [Case] = {
        let files = FileManager.default
        func children(_ folder: URL) -> [String] {
            ((try? files.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
        }
        return children(Tree.cases).flatMap { area in
            children(Tree.cases.appendingPathComponent(area)).map { Case(name: "\(area)/\($0)") }
        }.filter { files.fileExists(atPath: $0.folder.appendingPathComponent("cmd").path) }
    }()

    static let updates = ProcessInfo.processInfo.environment["UPDATE_CASES"] == "1"

    func read(_ file: String) -> [UInt8] {
        (try? Data(contentsOf: folder.appendingPathComponent(file))).map { Array($0) } ?? []
    }

    var status: Int32 {
        Int32(String(decoding: read("status"), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// Keeps what was printed; nothing printed is no file.
    func update(_ file: String, _ bytes: [UInt8]) throws {
        let place = folder.appendingPathComponent(file)
        if bytes.isEmpty {
            try? FileManager.default.removeItem(at: place)
        } else {
            try Data(bytes).write(to: place)
        }
    }
}

struct CasesTests {
    @Test("there are cases of every area")
    func areas() {
        let areas = Set(Case.all.map { $0.name.split(separator: "/")[0] })
        #expect(
            areas.isSuperset(of: [
                "aggregates", "expressions", "groups", "output", "pass-through", "rejects", "scan", "time", "usage",
                "watermark", "windows",
            ]))
    }

    @Test("the program prints what the case says", arguments: Case.all)
    func prints(_ item: Case) throws {
        let command = String(decoding: item.read("cmd"), as: UTF8.self)
        let outcome = try withScratchFolder { scratch in
            let copy = scratch.appendingPathComponent("case")
            try FileManager.default.copyItem(at: item.folder, to: copy)
            return try shell(command, in: copy)
        }
        #expect(outcome.signal == 0)
        if Case.updates {
            try item.update("out", outcome.out)
            try item.update("err", outcome.err)
            try item.update("status", outcome.status == 0 ? [] : Array("\(outcome.status)\n".utf8))
            return
        }
        expectSame(outcome.out, item.read("out"), "out")
        expectSame(outcome.err, item.read("err"), "err")
        #expect(outcome.status == item.status)
    }
}
