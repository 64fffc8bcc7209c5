/// Checks that a text is one JSON value (RFC 8259, with the limits of records), without recursion.
struct JSONTextCheck: ~Copyable {
    static let depthLimit = 512

    /// Whether each open container is an object.
    private let stack = UnsafeMutablePointer<Bool>.allocate(capacity: depthLimit + 1)

    deinit { stack.deallocate() }

    /// Copies the text to the arena and returns the copy, without the white space around it and without line breaks; nil
    /// if it is not JSON.
    func valid(_ text: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> UnsafeRawBufferPointer? {
        // The readers of strings and numbers load several bytes at a time. No 0 is part of JSON.
        let padding = 64
        let room = arena.allocate(text.count &+ padding)
        room.copyMemory(from: text)
        for place in text.count..<room.count { room[place] = 0 }
        guard let base = UnsafeRawBufferPointer(room).baseAddress else { return nil }
        let start = skip(base, 0)
        let end = end(base, from: start)
        guard end >= 0, skip(base, end) == text.count else { return nil }
        // Arrays and objects are printed on one line.
        if LineBreaks.areIn(text) { LineBreaks.replace(in: room) }
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[start..<end])
    }

    private func skip(_ base: UnsafeRawPointer, _ start: Int) -> Int {
        var i = start
        while true {
            switch byte(base, i) {
            case 0x20, 0x09, 0x0a, 0x0d: i &+= 1
            default: return i
            }
        }
    }

    /// The index after the value at `start`; -1 if there is none.
    private func end(_ base: UnsafeRawPointer, from start: Int) -> Int {
        var depth = 0
        var i = start
        while true {
            let first = byte(base, i)
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                guard depth < Self.depthLimit else { return -1 }
                let isObject = first == UInt8(ascii: "{")
                i = skip(base, i &+ 1)
                if byte(base, i) != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    stack[depth] = isObject
                    depth &+= 1
                    if isObject { i = behindName(base, i) }
                    if i < 0 { return -1 }
                    continue
                }
                i &+= 1
            } else {
                i = endOfScalar(base, i)
                if i < 0 { return -1 }
            }
            // Behind a value.
            while true {
                if depth == 0 { return i }
                let isObject = stack[depth &- 1]
                i = skip(base, i)
                if byte(base, i) == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    depth &-= 1
                    i &+= 1
                    continue
                }
                guard byte(base, i) == Ascii.comma else { return -1 }
                i = skip(base, i &+ 1)
                if isObject { i = behindName(base, i) }
                if i < 0 { return -1 }
                break
            }
        }
    }

    private func endOfScalar(_ base: UnsafeRawPointer, _ i: Int) -> Int {
        let first = byte(base, i)
        if first == UInt8(ascii: "\"") {
            let end = JSONString.scan(base, from: i &+ 1).end
            return end < 0 ? -1 : end &+ 1
        }
        if first == JSONNumber.minus || Ascii.digit(first) != nil {
            let end = JSONNumber.skip(base, from: i)
            if end >= 0 { return end }
        }
        let word = JSONWord.read(base, i).length
        let length = word > 0 ? word : JSONWord.notFinite(base, i)
        return length > 0 ? i &+ length : -1
    }

    /// The start of the value behind the name at `start` and its colon; -1 if they are not there.
    private func behindName(_ base: UnsafeRawPointer, _ start: Int) -> Int {
        guard byte(base, start) == UInt8(ascii: "\"") else { return -1 }
        let end = JSONString.scan(base, from: start &+ 1).end
        guard end >= 0 else { return -1 }
        let colon = skip(base, end &+ 1)
        return byte(base, colon) == Ascii.colon ? skip(base, colon &+ 1) : -1
    }
}
