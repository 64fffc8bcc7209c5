/// A value that a state keeps: its text, if it has one, is a copy.
struct OwnedValue {
    private var scalar: Value = .null
    private var text: [UInt8]?

    init() {}

    /// Takes over a copy of `value`. Memory of an earlier text is used again.
    @inline(__always) mutating func set(_ value: Value) {
        if value.isText { setText(value) }
        scalar = value
    }

    @inline(never) private mutating func setText(_ value: Value) {
        var bytes = text ?? []
        text = nil
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: value.bytes)
        text = bytes
    }

    var kind: Kind { scalar.kind }
    var isNull: Bool { scalar.isNull }

    /// Calls `body` with the value; its text lives only as long as the call.
    @inline(__always) func with<Result>(_ body: (Value) -> Result) -> Result {
        guard scalar.isText, let text else { return body(scalar) }
        return text.withUnsafeBytes { body(Value($0, kind: scalar.kind)) }
    }

    /// The value, its text copied to `arena`.
    func copy(to arena: inout ByteArena) -> Value {
        guard scalar.isText, let text else { return scalar }
        return text.withUnsafeBytes { Value(arena.copy($0), kind: scalar.kind) }
    }
}
