/// What is known of the lines of a batch when they are messages of one partition of a topic: an entry for each line.
package struct Messages: Sendable {
    package struct Message: Sendable {
        package var offset: Int64
        /// When it was written, microseconds since 1970; `Int64.min` when that is not known.
        package var time: Int64
        /// Its key ends here in `keys` and begins where that of the message before ended.
        var keyEnd: Int
        package var hasKey: Bool
        /// False for a tombstone.
        package var hasValue: Bool
    }

    package var topic: String
    package var partition: Int32
    package private(set) var list: [Message] = []
    /// Messages without a value.
    private(set) var tombstones = 0
    private var keys: [UInt8] = []

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    package mutating func removeAll() {
        list.removeAll(keepingCapacity: true)
        tombstones = 0
        keys.removeAll(keepingCapacity: true)
    }

    mutating func append(offset: Int64, time: Int64, key: UnsafeRawBufferPointer?, hasValue: Bool) {
        if let key { keys.append(contentsOf: key) }
        if !hasValue { tombstones &+= 1 }
        list.append(
            Message(offset: offset, time: time, keyEnd: keys.count, hasKey: key != nil, hasValue: hasValue))
    }

    /// Lends the keys of all messages, one behind the other.
    func withKeys<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { keys.withUnsafeBytes(body) }

    /// What is known of message `index`; nil when there is none of that number.
    @inline(__always) func message(_ index: Int) -> Message? { index >= 0 && index < list.count ? list[index] : nil }

    /// Where the key of message `index` stands among all keys; nil when it has none.
    func keyRange(_ index: Int) -> Range<Int>? {
        guard let message = message(index), message.hasKey else { return nil }
        return (index > 0 ? list[index - 1].keyEnd : 0)..<message.keyEnd
    }

    /// Lends the key of message `index`; nil when it has none.
    package func withKey<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard list[index].hasKey else { return body(nil) }
        let start = index > 0 ? list[index - 1].keyEnd : 0
        return keys.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<list[index].keyEnd])) }
    }
}

extension Batch {
    /// Adds a message of a topic as a line of its own. `messages` has been set before.
    ///
    /// - Parameters:
    ///   - time: when it was written, microseconds since 1970; `Int64.min` when that is not known.
    ///   - key: nil when it has none, or nobody wants to know.
    ///   - value: nil for a tombstone.
    package mutating func append(
        offset: Int64, time: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
    ) {
        messages?.append(offset: offset, time: time, key: key, hasValue: value != nil)
        append(line: value)
    }
}
