/// The wanted fields of a record as a tree of names, stored flat for the scanner.
///
/// Node 0 is the record itself. A field `a.b.c` can be found on several routes, because any part of it may be one key
/// with dots: a, b, c; a, b.c; a.b, c; a.b.c. At each level, the longest key that is there takes precedence, whatever it
/// holds.
struct FieldTrie: ~Copyable {
    struct Node {
        /// Children are `children[firstChild ..< firstChild + childCount]`.
        var firstChild: Int32 = 0
        var childCount: Int32 = 0
        /// The column of the value, or -1.
        var column: Int32 = -1
        /// The rank of the route to this leaf among those of the column; larger ranks take precedence.
        var rank: Int32 = 0
        /// Whether the column has other routes.
        var isRanked = false
        /// Whether the node hides routes of the columns below it.
        var hides = false
        /// Whether it is the leaf of one column whose other routes never hide it, with nothing below it.
        var isTop = false
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
    /// The columns with leaves below a node: `below[firstBelow[node] ..< firstBelow[node + 1]]`.
    let below: UnsafeMutablePointer<ColumnBelow>
    let firstBelow: UnsafeMutablePointer<Int>

    /// A column with leaves below a node, and the ranks of their routes, which are consecutive.
    struct ColumnBelow {
        var column: Int
        var lowest: Int32
        var highest: Int32
    }

    init(_ fields: [FieldPath]) {
        var builder = Builder()
        for (column, field) in fields.enumerated() {
            let routes = field.routes
            for (rank, route) in routes.enumerated() {
                builder.add(
                    route, column: column, rank: rank, isRanked: routes.count > 1, isLast: rank == routes.count - 1)
            }
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
                rank: Int32(node.rank), isRanked: node.isRanked, hides: node.below.contains { $0.lowest > 0 },
                isTop: node.isRanked && node.isLast && node.twin < 0 && node.children.isEmpty, twin: Int32(node.twin))
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
        below = .allocate(capacity: max(1, builder.nodes.reduce(0) { $0 + $1.below.count }))
        firstBelow = .allocate(capacity: nodeCount + 1)
        var nextBelow = 0
        for (number, node) in builder.nodes.enumerated() {
            firstBelow[number] = nextBelow
            for column in node.below {
                below[nextBelow] = column
                nextBelow += 1
            }
        }
        firstBelow[nodeCount] = nextBelow
    }

    deinit {
        nodes.deallocate()
        children.deallocate()
        names.deallocate()
        below.deallocate()
        firstBelow.deallocate()
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
        if entry.isTop { return .top(node, column: entry.column) }
        let isPlain = entry.childCount == 0 && entry.twin < 0 && !entry.isRanked
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
        var rank = 0
        var isRanked = false
        var isLast = false
        var twin = -1
        var below: [FieldTrie.ColumnBelow] = []
    }
    var nodes = [Node()]

    private struct Place: Hashable {
        var node: Int
        var name: [UInt8]
        var index: Int
    }
    /// The child at each place.
    private var children: [Place: Int] = [:]

    /// Adds one route; those of a column are added in ascending order of rank.
    mutating func add(_ steps: [FieldPath.Step], column: Int, rank: Int, isRanked: Bool, isLast: Bool) {
        var node = 0
        for step in steps {
            let (name, index): ([UInt8], Int) =
                switch step {
                case .name(let name): (name, -1)
                case .index(let index): ([], index)
                // Source columns are not in the record.
                case .source(let column): (Array(column.rawValue.utf8), -1)
                }
            note(column, rank, below: node)
            let place = Place(node: node, name: name, index: index)
            if let child = children[place] {
                node = child
            } else {
                nodes.append(Node())
                nodes[node].children.append(Link(name: name, index: index, node: nodes.count - 1))
                node = nodes.count - 1
                children[place] = node
            }
        }
        if nodes[node].column >= 0 {
            nodes.append(Node(twin: nodes[node].twin))
            nodes[node].twin = nodes.count - 1
            node = nodes.count - 1
        }
        nodes[node].column = column
        nodes[node].rank = rank
        nodes[node].isRanked = isRanked
        nodes[node].isLast = isLast
    }

    private mutating func note(_ column: Int, _ rank: Int, below node: Int) {
        // All routes of a column are added before those of the next.
        let last = nodes[node].below.count - 1
        if last >= 0, nodes[node].below[last].column == column {
            nodes[node].below[last].highest = Int32(rank)
        } else {
            nodes[node].below.append(
                FieldTrie.ColumnBelow(column: column, lowest: Int32(rank), highest: Int32(rank)))
        }
    }
}

extension FieldPath {
    /// The sequences of keys under which a record may hold the field, in ascending order of precedence: at the first
    /// level at which two of them differ, the one with the longer key takes precedence. Consecutive steps may form one
    /// key; in a long path, at most one key consists of several steps.
    var routes: [[Step]] { routes(from: 0, joints: steps.count <= 8 ? Int.max : steps.count <= 64 ? 1 : 0) }

    /// - Parameter joints: the maximum number of keys that consist of several steps.
    private func routes(from start: Int, joints: Int) -> [[Step]] {
        guard start < steps.count else { return [[]] }
        var result = routes(from: start + 1, joints: joints).map { [steps[start]] + $0 }
        guard joints > 0, case .name(var key) = steps[start] else { return result }
        for end in steps.indices.dropFirst(start + 1) {
            switch steps[end] {
            case .name(let name): key += [UInt8(ascii: ".")] + name
            case .index(let index): key += Array("[\(index)]".utf8)
            case .source: return result
            }
            result += routes(from: end + 1, joints: joints - 1).map { [.name(key)] + $0 }
        }
        return result
    }
}
