/// A schema of Avro, compiled for `AvroReader`: a table of types that refer to each other by number.
///
/// Unchecked: never changes.
package final class AvroSchema: @unchecked Sendable {
    enum Kind: UInt8 {
        case null, boolean, int, long, float, double, bytes, string
        case record, enumeration, array, map, union, fixed
        // Logical types.
        case date, timeMillis, timeMicros
        case timestampMillis, timestampMicros, timestampNanos, localMillis, localMicros, localNanos
        case decimalBytes, decimalFixed, uuidFixed, duration
    }

    struct Node {
        var kind: Kind
        /// The first of its fields, branches or symbols; the type of the elements of an array or map.
        var first: Int32 = 0
        /// The number of its fields, branches or symbols; the size of a fixed.
        var count: Int32 = 0
        /// The digits of a decimal after the point.
        var scale: Int32 = 0
    }

    /// A field of a record, or a symbol of an enumeration.
    struct Item {
        /// Its JSON text: `{"name":` or `,"name":`, or the symbol in quotes.
        var start: Int32
        var length: Int32
        /// The type of the field.
        var node: Int32 = 0
    }

    /// Readable bytes after the last text.
    private static let padding = 16

    let nodes: UnsafeMutableBufferPointer<Node>
    let items: UnsafeMutableBufferPointer<Item>
    let branches: UnsafeMutableBufferPointer<Int32>
    let texts: UnsafeMutableRawBufferPointer
    /// The type of a message.
    let root: Int32

    init(_ nodes: [Node], _ items: [Item], _ branches: [Int32], _ texts: [UInt8], root: Int32) {
        func copy<Element>(_ elements: [Element]) -> UnsafeMutableBufferPointer<Element> {
            let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
            _ = memory.initialize(from: elements)
            return memory
        }
        self.nodes = copy(nodes)
        self.items = copy(items)
        self.branches = copy(branches)
        self.texts = .allocate(byteCount: texts.count + Self.padding, alignment: 16)
        self.texts.initializeMemory(as: UInt8.self, repeating: 0)
        self.texts.copyBytes(from: texts)
        self.root = root
    }

    deinit {
        nodes.deallocate()
        items.deallocate()
        branches.deallocate()
        texts.deallocate()
    }

    /// Compiles a schema.
    ///
    /// - Parameter references: the texts of the schemas whose types it uses, each after those that it uses itself.
    package convenience init(_ text: String, references: [String] = []) throws(AvroSchemaError) {
        var compiler = AvroCompiler()
        for reference in references { _ = try compiler.compile(reference) }
        let root = try compiler.compile(text)
        self.init(compiler.nodes, compiler.items, compiler.branches, compiler.texts, root: root)
    }
}

/// A schema that cannot be used, and why.
package struct AvroSchemaError: Error, Equatable {
    package let text: String
}
