import Foundation
import Plan
import StreamEngine

@testable import Command

/// The folder that holds Package.swift, found from this file upwards.
let repository: URL = {
    var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    func holdsPackage(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path)
    }
    while folder.path != "/", !holdsPackage(folder) {
        folder.deleteLastPathComponent()
    }
    return folder
}()

/// What became of a command line.
enum Outcome {
    case printed(String)
    case planned(Plan)
    case refused(UsageError)

    var plan: Plan? { if case .planned(let plan) = self { plan } else { nil } }
    var error: String? { if case .refused(let error) = self { error.text } else { nil } }
}

/// Reads a command line as the program would, over files unless `live`. The file `access.log` is an access log.
func read(
    _ arguments: [String], live: Bool = false, terminal: Bool = false, missing: Set<String> = [],
    sampleOfFollowed: @escaping (String) -> String? = { $0 }
) -> Outcome {
    do {
        switch try Request.parse(arguments) {
        case .print(let text): return .printed(text)
        case .version: return .printed("version")
        case .listKafkaOptions: return .printed("list")
        case .offer: return .printed("offer")
        case .listJobs(let list): return .printed("\(list)")
        case .plan(let parsed):
            let environment = PlanEnvironment(
                inputs: [KafkaURL.self, DemoURL.self, FileInputs.self],
                outputs: [PostgresURL.self, KafkaOutput.self, FileOutput.self], isLive: { _ in live },
                standardInputIsTerminal: terminal, isMissing: { missing.contains($0) },
                formatOfInput: { path, _, _, _ in path == "access.log" ? .accessLog : nil },
                sampleOfFollowed: sampleOfFollowed,
                zoneNames: { ["Europe/Berlin", "Europe/Busingen", "America/New_York", "UTC"] }
            ) {
                guard ["Test/Zone", "Europe/Berlin"].contains($0) else { return nil }
                return ZoneOffsets(name: $0, offsets: [(from: Int64.min, offset: 3600)])
            }
            return .planned(try Plan.make(parsed, environment: environment))
        }
    } catch {
        return .refused(error)
    }
}

extension Plan {
    /// The files that are read; nil for another kind of input.
    var files: [String]? { (input as? FileInputs)?.paths }
}

/// As above; the words of `line` are separated by blanks, which quotes of either kind hold together.
func read(_ line: String, live: Bool = false) -> Outcome { read(words(line), live: live) }

func words(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
        if let open = quote {
            if character == open { quote = nil } else { word = (word ?? "") + String(character) }
        } else if character == "'" || character == "\"" {
            quote = character
            word = word ?? ""
        } else if character == " " {
            if let whole = word { words.append(whole) }
            word = nil
        } else {
            word = (word ?? "") + String(character)
        }
    }
    return words + (word.map { [$0] } ?? [])
}

/// The path of a program, nil when it is not installed.
func program(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// Runs a program to its end; its output and messages together.
func output(of path: String, _ arguments: [String], in folder: URL? = nil) throws -> (text: String, status: Int32) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
}
