/// The wanted fields of a record as a tree of names, stored flat for the scanner.
///
/// Node 0 is the record itself. A field `a.b` has two leaves: the nested one (a, then b) and the flat key `a.b`, which
/// takes precedence if a record has both.
struct FieldTrie: ~Copyable {
    struct Node {
        /// Children are `children[firstChild ..< firstChild + childCount]`.
        var firstChild: Int32 = 0
        var childCount: Int32 = 0
        /// The column of the value, or -1.
        var column: Int32 = -1
        /// Whether the leaf is a flat key, which hides the nested leaf of the same column.
        var isFlat = false
        /// Whether a flat key may hide this leaf.
        var isHideable = false
        /// Another leaf with the same path, or -1: `a.b` and `"a.b"` both read the flat key.
        var twin: Int32 = -1
    }

    struct Child {
        /// The first eight bytes of the name, padded with zeros: most names differ there.
        var prefix: UInt64
        /// Length of the name, or -1 for an array index.
        var length: Int32
        /// Array index, for a child of an array.
        var index: Int32
        /// The offset of the name in `names`.
        var name: Int32
        var node: Int32
    }

    let nodes: UnsafeMutablePointer<Node>
    let children: UnsafeMutablePointer<Child>
    let names: UnsafeMutableRawPointer
    let nodeCount: Int
    /// For every node, the columns of the leaves below it, so that a repeated key can clear them.
    let columnsBelow: [[Int]]

    init(_ fields: [FieldPath]) {
        var builder = Builder()
        for (column, field) in fields.enumerated() {
            builder.add(field.steps, column: column, flat: false, hideable: field.flatKey != nil)
            if let key = field.flatKey { builder.add([.name(key)], column: column, flat: true, hideable: false) }
        }
        nodeCount = builder.nodes.count
        nodes = .allocate(capacity: nodeCount)
        let links = builder.nodes.reduce(0) { $0 + $1.children.count }
        children = .allocate(capacity: max(1, links))
        let nameBytes = builder.nodes.reduce(0) { $0 + $1.children.reduce(0) { $0 + $1.name.count } }
        names = .allocate(byteCount: nameBytes + 16, alignment: 8)
        var nextChild: Int32 = 0
        var nextName = 0
        for (number, node) in builder.nodes.enumerated() {
            nodes[number] = Node(
                firstChild: nextChild, childCount: Int32(node.children.count), column: Int32(node.column),
                isFlat: node.isFlat, isHideable: node.isHideable, twin: Int32(node.twin))
            for child in node.children {
                var prefix: UInt64 = 0
                for (place, byte) in child.name.prefix(8).enumerated() { prefix |= UInt64(byte) << UInt64(8 * place) }
                children[Int(nextChild)] = Child(
                    prefix: prefix, length: child.index >= 0 ? -1 : Int32(child.name.count), index: Int32(child.index),
                    name: Int32(nextName), node: Int32(child.node))
                for byte in child.name {
                    names.storeBytes(of: byte, toByteOffset: nextName, as: UInt8.self)
                    nextName += 1
                }
                nextChild += 1
            }
        }
        columnsBelow = (0..<builder.nodes.count).map { builder.columns(below: $0) }
    }

    deinit {
        nodes.deallocate()
        children.deallocate()
        names.deallocate()
    }

    /// The child of `node` for a key, or -1. Eight bytes at `key` must be readable, whatever its length.
    @inline(__always) func child(of node: Int32, key: UnsafeRawPointer, length: Int) -> Int32 {
        guard node >= 0 else { return -1 }
        let entry = nodes[Int(node)]
        var prefix = key.loadUnaligned(as: UInt64.self)
        if length < 8 { prefix &= (1 << UInt64(8 &* length)) &- 1 }
        var i = Int(entry.firstChild)
        let end = i &+ Int(entry.childCount)
        while i < end {
            let child = children[i]
            if child.prefix == prefix, Int(child.length) == length {
                if length <= 8 || isEqual(names + Int(child.name) + 8, key + 8, length &- 8) { return child.node }
            }
            i &+= 1
        }
        return -1
    }

    /// Like the above for a key with escapes, whose first byte is at `start` and whose closing quote is at `end`.
    @inline(never) func child(
        of node: Int32, escapedKey base: UnsafeRawPointer, from start: Int, to end: Int, _ arena: inout ByteArena
    ) -> Int32 {
        guard node >= 0 else { return -1 }
        let key = JSONString.unescape(base, from: start, to: end, arena: &arena)
        // The lookup reads up to eight bytes beyond the key, so copy it.
        let room = arena.allocate(key.count &+ 8)
        room.copyMemory(from: key)
        guard let name = room.baseAddress else { return -1 }
        return child(of: node, key: UnsafeRawPointer(name), length: key.count)
    }

    /// The target of the value at a node.
    func target(_ node: Int32) -> FieldTarget {
        guard node >= 0 else { return .unwanted }
        let entry = nodes[Int(node)]
        let isPlain = entry.childCount == 0 && entry.twin < 0 && !entry.isFlat && !entry.isHideable
        return FieldTarget(node: node, column: isPlain ? entry.column : FieldTarget.manyColumns)
    }

    /// The child of `node` for an array index, or -1.
    @inline(__always) func child(of node: Int32, index: Int32) -> Int32 {
        guard node >= 0 else { return -1 }
        let entry = nodes[Int(node)]
        for i in Int(entry.firstChild)..<Int(entry.firstChild &+ entry.childCount) {
            if children[i].length < 0, children[i].index == index { return children[i].node }
        }
        return -1
    }
}

private struct Builder {
    struct Link {
        var name: [UInt8]
        var index: Int
        var node: Int
    }
    struct Node {
        var children: [Link] = []
        var column = -1
        var isFlat = false
        var isHideable = false
        var twin = -1
    }
    var nodes = [Node()]

    mutating func add(_ steps: [FieldPath.Step], column: Int, flat: Bool, hideable: Bool) {
        var node = 0
        for step in steps {
            let (name, index): ([UInt8], Int) =
                switch step {
                case .name(let name): (name, -1)
                case .index(let index): ([], index)
                // Source columns are not in the record.
                case .source(let column): (Array(column.rawValue.utf8), -1)
                }
            if let link = nodes[node].children.first(where: { $0.name == name && $0.index == index }) {
                node = link.node
            } else {
                nodes.append(Node())
                nodes[node].children.append(Link(name: name, index: index, node: nodes.count - 1))
                node = nodes.count - 1
            }
        }
        if nodes[node].column >= 0 {
            nodes.append(Node(twin: nodes[node].twin))
            nodes[node].twin = nodes.count - 1
            node = nodes.count - 1
        }
        nodes[node].column = column
        nodes[node].isFlat = flat
        nodes[node].isHideable = hideable
    }

    func columns(below node: Int) -> [Int] {
        nodes[node].children.flatMap { link in
            var found = columns(below: link.node)
            var leaf = link.node
            while leaf >= 0 {
                if nodes[leaf].column >= 0 { found.append(nodes[leaf].column) }
                leaf = nodes[leaf].twin
            }
            return found
        }
    }
}
