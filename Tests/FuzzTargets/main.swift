import Glibc

// libFuzzer's own main is not used: the package's linker flags name this one.

/// What libFuzzer calls for each input; the arguments are those of `main`.
@_silgen_name("LLVMFuzzerRunDriver") private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The test, by the name under which libFuzzer's main looks for it; the linker wants it even so.
@_cdecl("LLVMFuzzerTestOneInput") func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    subject?.run(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}

private let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? ""
private let subject = Subject.all.first { $0.name == name }

guard subject != nil else {
    print(error: "'\(name)' is not a subject; there are \(Subject.all.map(\.name).joined(separator: " "))")
    exit(64)
}

private var count = CommandLine.argc
private var arguments = CommandLine.unsafeArgv
exit(runFuzzer(&count, &arguments, testOneInput))
