/// The functions of a C library, or why they are not available. Loading takes milliseconds, so store this in a
/// `static let`: a run then loads the library when it first needs it.
///
/// Unchecked: `Calls` is a struct of function pointers.
package struct LoadedLibrary<Calls>: @unchecked Sendable {
    package let calls: Result<Calls, LibraryError>

    /// - Parameters:
    ///   - name: the library and its package, for messages.
    ///   - load: fills in the functions and returns nil, or what is missing.
    package init(_ name: String, _ load: (UnsafeMutablePointer<Calls>) -> UnsafePointer<CChar>?) {
        calls = withUnsafeTemporaryAllocation(of: Calls.self, capacity: 1) { memory in
            guard let calls = memory.baseAddress else { return .failure(LibraryError(reason: "\(name): no memory")) }
            if let missing = load(calls) {
                return .failure(LibraryError(reason: "\(name): \(String(cString: missing))"))
            }
            return .success(calls.pointee)
        }
    }
}

/// A library that is not installed or is too old.
package struct LibraryError: Error {
    package let reason: String
}
