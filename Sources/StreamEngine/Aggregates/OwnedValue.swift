/// A value that owns a copy of its text.
struct OwnedValue {
    private var scalar: Value = .null
    private var text: OwnedText?

    init() {}

    /// Stores a copy of `value`, reusing the memory of the previous text.
    @inline(__always) mutating func set(_ value: Value) {
        if value.isText { setText(value) }
        scalar = value
    }

    @inline(never) private mutating func setText(_ value: Value) {
        if text == nil { text = OwnedText(value.bytes) } else { text?.set(value.bytes) }
    }

    var kind: Kind { scalar.kind }
    var isNull: Bool { scalar.isNull }
    /// The memory of its text.
    var memoryBytes: Int { text?.memoryBytes ?? 0 }

    /// Calls `body` with the value, whose text is valid during the call.
    @inline(__always) func with<Result>(_ body: (Value) -> Result) -> Result {
        guard scalar.isText, let text else { return body(scalar) }
        return text.withBytes { body(Value($0, kind: scalar.kind)) }
    }

    /// The value with its text copied to `arena`.
    func copy(to arena: inout ByteArena) -> Value {
        guard scalar.isText, let text else { return scalar }
        return text.withBytes { Value(arena.copy($0), kind: scalar.kind) }
    }
}
