import Glibc

/// What the fuzzer runs: one check, fed with bytes that libFuzzer makes up.
///
/// The name under which the program is started picks the check: `Tests/fuzz` makes a link for each name.
struct Subject: Sendable {
    let name: String
    /// Stops the program with `fail` when a result is wrong.
    let run: @Sendable (UnsafeRawBufferPointer) -> Void

    static let all = [
        Subject(name: "json", run: checkJSON), Subject(name: "expressions", run: checkExpressions),
        Subject(name: "regex", run: checkRegex), Subject(name: "times", run: checkTimes),
        Subject(name: "numbers", run: checkNumbers), Subject(name: "checkpoint", run: checkCheckpoint),
        Subject(name: "urls", run: checkURLs), Subject(name: "csv", run: checkCSV),
        Subject(name: "formats", run: checkFormats), Subject(name: "avro", run: checkAvro),
    ]
}

/// Writes a line to standard error.
func print(error text: String) {
    var line = text + "\n"
    _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Reports a wrong result and stops; libFuzzer keeps the input.
func fail(_ message: String) -> Never {
    print(error: "wrong: \(message)")
    abort()
}

func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fail(message()) }
}
