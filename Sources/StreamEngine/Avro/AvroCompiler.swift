/// Compiles the JSON text of schemas (Avro 1.12). Accepts more than the specification does where that cannot matter for
/// decoding: names of any characters, unions inside of unions, a type that is defined twice.
struct AvroCompiler {
    private(set) var nodes: [AvroSchema.Node] = []
    private(set) var items: [AvroSchema.Item] = []
    private(set) var branches: [Int32] = []
    private(set) var texts: [UInt8] = []
    /// The named types.
    private var names: [String: Int32] = [:]

    /// Digits of a decimal. PostgreSQL stores no more after the point.
    private static let digitLimit: Int64 = 16_383

    private static let primitives: [String: AvroSchema.Kind] = [
        "null": .null, "boolean": .boolean, "int": .int, "long": .long, "float": .float, "double": .double,
        "bytes": .bytes, "string": .string,
    ]

    /// - Returns: the number of the type.
    mutating func compile(_ text: String) throws(AvroSchemaError) -> Int32 {
        // The name of a primitive type, perhaps without its quotes.
        if let kind = Self.primitives[text] { return add(AvroSchema.Node(kind: kind)) }
        if let tree = SchemaTree(text) { return try type(tree, namespace: "") }
        throw AvroSchemaError(text: "it is not JSON, or nested too deeply")
    }

    private mutating func add(_ node: AvroSchema.Node) -> Int32 {
        nodes.append(node)
        return Int32(truncatingIfNeeded: nodes.count &- 1)
    }

    private mutating func type(_ tree: SchemaTree, namespace: String) throws(AvroSchemaError) -> Int32 {
        switch tree {
        case .text(let name): return try named(name, namespace)
        case .array(let types): return try union(types, namespace)
        case .object:
            guard let inner = tree["type"] else { throw AvroSchemaError(text: "a type has no 'type'") }
            guard case .text(let name) = inner else { return try type(inner, namespace: namespace) }
            return try complex(name, tree, namespace)
        default: throw AvroSchemaError(text: "a type is neither a name nor an object nor an array")
        }
    }

    private mutating func named(_ name: String, _ namespace: String) throws(AvroSchemaError) -> Int32 {
        if let kind = Self.primitives[name] { return add(AvroSchema.Node(kind: kind)) }
        if !name.contains("."), !namespace.isEmpty, let known = names["\(namespace).\(name)"] { return known }
        guard let known = names[name] else { throw AvroSchemaError(text: "unknown type '\(Self.shown(name))'") }
        return known
    }

    private static func shown(_ name: String) -> String { Excerpt.text(Array(name.utf8)) }

    private mutating func union(_ types: [SchemaTree], _ namespace: String) throws(AvroSchemaError) -> Int32 {
        let node = add(AvroSchema.Node(kind: .union))
        var numbers: [Int32] = []
        for tree in types { numbers.append(try type(tree, namespace: namespace)) }
        nodes[Int(node)].first = Int32(truncatingIfNeeded: branches.count)
        nodes[Int(node)].count = Int32(truncatingIfNeeded: numbers.count)
        branches += numbers
        return node
    }

    private mutating func complex(
        _ name: String, _ tree: SchemaTree, _ namespace: String
    ) throws(AvroSchemaError) -> Int32 {
        switch name {
        case "record", "error": return try record(tree, namespace)
        case "enum": return try enumeration(tree, namespace)
        case "fixed": return try fixed(tree, namespace)
        case "array", "map":
            guard let inner = tree[name == "array" ? "items" : "values"] else {
                throw AvroSchemaError(text: name == "array" ? "an array has no items" : "a map has no values")
            }
            let node = add(AvroSchema.Node(kind: name == "array" ? .array : .map))
            nodes[Int(node)].first = try type(inner, namespace: namespace)
            return node
        default:
            let node = try named(name, namespace)
            guard let kind = Self.primitives[name] else { return node }
            setLogicalType(of: node, kind, tree)
            return node
        }
    }

    /// Notes the name of a type, so that it can contain itself.
    ///
    /// - Returns: the namespace of the names inside of it.
    private mutating func define(
        _ node: Int32, _ tree: SchemaTree, _ namespace: String
    ) throws(AvroSchemaError) -> String {
        guard let name = tree["name"]?.text, !name.isEmpty else { throw AvroSchemaError(text: "a type has no name") }
        var inner = tree["namespace"]?.text ?? namespace
        var full = inner.isEmpty ? name : "\(inner).\(name)"
        if let point = name.lastIndex(of: ".") {
            full = name
            inner = String(name[..<point])
        }
        names[full] = node
        return inner
    }

    private mutating func record(_ tree: SchemaTree, _ namespace: String) throws(AvroSchemaError) -> Int32 {
        let node = add(AvroSchema.Node(kind: .record))
        let inner = try define(node, tree, namespace)
        guard let fields = tree["fields"]?.elements else { throw AvroSchemaError(text: "a record has no fields") }
        var own: [AvroSchema.Item] = []
        for field in fields {
            guard let name = field["name"]?.text, let kind = field["type"] else {
                throw AvroSchemaError(text: "a field has no name or no type")
            }
            var item = text(after: own.isEmpty ? "{" : ",", name, before: ":")
            item.node = try type(kind, namespace: inner)
            own.append(item)
        }
        store(own, in: node)
        return node
    }

    private mutating func store(_ own: [AvroSchema.Item], in node: Int32) {
        nodes[Int(node)].first = Int32(truncatingIfNeeded: items.count)
        nodes[Int(node)].count = Int32(truncatingIfNeeded: own.count)
        items += own
    }

    /// Stores a JSON string with what surrounds it.
    private mutating func text(
        after before: StaticString, _ name: String, before after: StaticString
    ) -> AvroSchema.Item {
        var buffer = ByteBuffer(capacity: 64)
        buffer.append(before)
        buffer.append(quotedName: name)
        buffer.append(after)
        let start = texts.count
        buffer.withBytes { texts.append(contentsOf: $0) }
        return AvroSchema.Item(
            start: Int32(truncatingIfNeeded: start), length: Int32(truncatingIfNeeded: texts.count &- start))
    }

    private mutating func enumeration(_ tree: SchemaTree, _ namespace: String) throws(AvroSchemaError) -> Int32 {
        let node = add(AvroSchema.Node(kind: .enumeration))
        _ = try define(node, tree, namespace)
        guard let symbols = tree["symbols"]?.elements else { throw AvroSchemaError(text: "an enum has no symbols") }
        var own: [AvroSchema.Item] = []
        for symbol in symbols {
            guard let name = symbol.text else { throw AvroSchemaError(text: "a symbol of an enum is not text") }
            own.append(text(after: "", name, before: ""))
        }
        store(own, in: node)
        return node
    }

    private mutating func fixed(_ tree: SchemaTree, _ namespace: String) throws(AvroSchemaError) -> Int32 {
        guard let size = tree["size"]?.integer, size >= 0, size <= Int32.max else {
            throw AvroSchemaError(text: "a fixed has no size")
        }
        let node = add(AvroSchema.Node(kind: .fixed, count: Int32(size)))
        _ = try define(node, tree, namespace)
        setLogicalType(of: node, .fixed, tree)
        return node
    }

    // MARK: - Logical types

    /// A logical type that is unknown or does not fit its type is ignored, as the specification wants it.
    private mutating func setLogicalType(of node: Int32, _ kind: AvroSchema.Kind, _ tree: SchemaTree) {
        guard let name = tree["logicalType"]?.text else { return }
        let size = nodes[Int(node)].count
        let found: AvroSchema.Kind? =
            switch (name, kind) {
            case ("date", .int): .date
            case ("time-millis", .int): .timeMillis
            case ("time-micros", .long): .timeMicros
            case ("timestamp-millis", .long): .timestampMillis
            case ("timestamp-micros", .long): .timestampMicros
            case ("timestamp-nanos", .long): .timestampNanos
            case ("local-timestamp-millis", .long): .localMillis
            case ("local-timestamp-micros", .long): .localMicros
            case ("local-timestamp-nanos", .long): .localNanos
            case ("uuid", .fixed) where size == 16: .uuidFixed
            case ("duration", .fixed) where size == 12: .duration
            case ("decimal", .bytes): .decimalBytes
            case ("decimal", .fixed): .decimalFixed
            default: nil
            }
        guard let found else { return }
        if found == .decimalBytes || found == .decimalFixed {
            let scale = tree["scale"]?.integer ?? 0
            guard let precision = tree["precision"]?.integer, precision > 0, scale >= 0, scale <= precision,
                scale <= Self.digitLimit
            else { return }
            nodes[Int(node)].scale = Int32(scale)
        }
        nodes[Int(node)].kind = found
    }
}
