/// The calls of a C library, or why there are none. Loading it takes milliseconds, so this is for a `static let`: a run
/// loads the library when it first needs it.
///
/// Unchecked: `Calls` is a struct of function pointers.
package struct LoadedLibrary<Calls>: @unchecked Sendable {
    package let calls: Result<Calls, LibraryError>

    /// - Parameters:
    ///   - name: the library and how to install it, for the message.
    ///   - load: fills in the calls and returns nil, or what is missing.
    package init(_ name: String, _ load: (UnsafeMutablePointer<Calls>) -> UnsafePointer<CChar>?) {
        calls = withUnsafeTemporaryAllocation(of: Calls.self, capacity: 1) { memory in
            guard let calls = memory.baseAddress else { return .failure(LibraryError(reason: "\(name): no memory")) }
            if let missing = load(calls) {
                return .failure(LibraryError(reason: "\(name) is needed: \(String(cString: missing))"))
            }
            return .success(calls.pointee)
        }
    }
}

/// A library that is not installed, or too old.
package struct LibraryError: Error {
    package let reason: String
}
