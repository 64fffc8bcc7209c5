import Glibc
import Testing

/// A root folder with these files.
func withRoot(_ files: [String: String], _ body: (String) throws -> Void) throws {
    var template = Array("/tmp/streamctl-root-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let root = template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
    for (path, text) in files {
        var folder = root
        for part in path.split(separator: "/").dropLast() {
            folder += "/\(part)"
            mkdir(folder, 0o700)
        }
        let file = try #require(fopen("\(root)/\(path)", "w"))
        fputs(text, file)
        fclose(file)
    }
    try body(root)
}
