import Foundation

/// The lines of a golden file beside the tests, split at tabs.
func goldenRows(_ name: String, file: String = #filePath) throws -> [[String]] {
    let path = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden/\(name)")
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map { line in
        line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
}
