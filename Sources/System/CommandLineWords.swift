import CArguments

/// The words of the command line after the name of the program; nil if the system has passed none at all, not even
/// that name.
///
/// Not from `CommandLine`, which is empty without `/proc`.
package func commandLineWords() -> [String]? {
    let count = carguments_count()
    guard count > 0 else { return nil }
    return (1..<max(1, count)).map { index in carguments_at(index).map { String(cString: $0) } ?? "" }
}
