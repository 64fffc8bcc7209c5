/// The elements of a JSON array, or the members of an object, one after another.
///
/// The text is valid JSON. Values inside of the elements are skipped, however deeply they are nested.
struct JSONItems {
    private let text: UnsafeRawBufferPointer
    private var at = 1

    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    static func count(_ text: UnsafeRawBufferPointer) -> Int {
        var items = JSONItems(text)
        var count = 0
        while items.next() != nil { count &+= 1 }
        return count
    }

    /// The text of the next element without white space around it, or of the name of the next member, in its quotes.
    mutating func next() -> UnsafeRawBufferPointer? {
        while at < text.count, text[at] <= 0x20 || text[at] == Ascii.comma { at &+= 1 }
        // The last byte is the closing bracket.
        guard at &+ 1 < text.count else { return nil }
        let start = at
        skipItem()
        var end = at
        if text[0] == UInt8(ascii: "{") {
            end = start &+ 1
            while end < at, text[end] != UInt8(ascii: "\"") { end &+= text[end] == UInt8(ascii: "\\") ? 2 : 1 }
            return UnsafeRawBufferPointer(rebasing: text[start..<min(end &+ 1, at)])
        }
        while end > start, text[end &- 1] <= 0x20 { end &-= 1 }
        return UnsafeRawBufferPointer(rebasing: text[start..<end])
    }

    /// The name of the next member of an object, without its quotes but with its escapes, and the text of its value.
    mutating func nextMember() -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        guard let quoted = next(), quoted.count >= 2, let base = text.baseAddress, let name = quoted.baseAddress else {
            return nil
        }
        var start = name - base &+ quoted.count
        while start < at, text[start] <= 0x20 || text[start] == Ascii.colon { start &+= 1 }
        var end = at
        while end > start, text[end &- 1] <= 0x20 { end &-= 1 }
        return (
            UnsafeRawBufferPointer(rebasing: quoted[1..<quoted.count &- 1]),
            UnsafeRawBufferPointer(rebasing: text[start..<end])
        )
    }

    /// Moves to the comma behind the item, or to the closing bracket.
    private mutating func skipItem() {
        let text = text
        let last = text.count &- 1
        var depth = 0
        var i = at
        while i < last {
            switch text[i] {
            case UInt8(ascii: "\""):
                i &+= 1
                while i < last, text[i] != UInt8(ascii: "\"") { i &+= text[i] == UInt8(ascii: "\\") ? 2 : 1 }
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth &+= 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth &-= 1
            case Ascii.comma where depth == 0:
                at = i
                return
            default: break
            }
            i &+= 1
        }
        at = min(i, last)
    }

    /// The value of an element. Strings with escapes are decoded into the arena.
    static func value(_ element: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> Value {
        guard let base = element.baseAddress, let first = element.first else { return .null }
        switch first {
        case UInt8(ascii: "["), UInt8(ascii: "{"): return Value(element, kind: .json)
        case UInt8(ascii: "\""):
            let end = element.count &- 1
            let inner = UnsafeRawBufferPointer(rebasing: element[1..<max(1, end)])
            guard inner.contains(UInt8(ascii: "\\")) else { return Value(inner) }
            return Value(JSONString.unescape(base, from: 1, to: end, arena: &arena))
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "t"): return Value(true)
        case UInt8(ascii: "f"): return Value(false)
        default: return JSONNumber.parseWhole(element) ?? .null
        }
    }
}
