import StreamEngine

/// A function or class of Python that jobs contain if they use it.
struct PythonBlock: Sendable {
    /// The name that it is known by.
    let name: String
    /// The names of other blocks that it uses.
    let needs: [String]
    /// Import statements.
    let imports: [String]
    let text: String

    init(_ name: String, needs: [String] = [], imports: [String] = [], _ text: String) {
        self.name = name
        self.needs = needs
        self.imports = imports
        self.text = text
    }

    /// The blocks with these names and all that they need, in the order of `all`, where each is behind those it needs.
    static func chosen(_ names: Set<String>, from all: [PythonBlock]) -> [PythonBlock] {
        var wanted = names
        for block in all.reversed() where wanted.contains(block.name) { wanted.formUnion(block.needs) }
        return all.filter { wanted.contains($0.name) }
    }
}

/// A Python file that is put together of its parts: description, imports, helpers and the job itself.
struct PythonFile {
    /// The lines of the description at the top.
    let description: [String]
    /// What differs without a place of its own.
    let differences: [Difference]
    var imports: Set<String> = []
    /// The names of the blocks that the body uses.
    var blocks: Set<String> = []
    var body = JobText(comment: "#")

    init(_ description: [String], _ differences: [Difference]) {
        self.description = description
        self.differences = differences
    }

    /// A function with an empty line around it.
    mutating func define(_ part: JobText) {
        body.line()
        body.line()
        body.append(part)
    }

    func translation(_ all: [PythonBlock]) -> Translation {
        let chosen = PythonBlock.chosen(blocks, from: all)
        let imports = self.imports.union(chosen.flatMap(\.imports))
        var head = JobText(comment: "#")
        head.line("\"\"\"" + description.joined(separator: "\n") + "\n\"\"\"")
        for isStandard in [true, false] {
            let group = Self.merged(imports).filter { Self.isStandard($0) == isStandard }
            guard !group.isEmpty else { continue }
            head.line()
            // Whole modules first, each in the order of the alphabet.
            for line in group.sorted(by: Self.order) { head.line(line) }
        }
        if !differences.isEmpty { head.line() }
        for difference in differences { head.differs(difference) }
        for block in chosen {
            head.line()
            head.line()
            head.line(block.text)
        }
        head.append(body)
        return head.translation
    }

    /// One statement for all names of a module.
    private static func merged(_ imports: Set<String>) -> [String] {
        var names: [String: Set<String>] = [:]
        var result: [String] = []
        for statement in imports {
            // `from MODULE import NAME, NAME`
            let words = statement.split(separator: " ")
            guard statement.hasPrefix("from "), words.count > 3 else {
                result.append(statement)
                continue
            }
            let listed = words[3...].map { String($0.filter { $0 != "," }) }
            names["from \(words[1])", default: []].formUnion(listed)
        }
        return result + names.map { "\($0) import \($1.sorted().joined(separator: ", "))" }
    }

    private static func isStandard(_ statement: String) -> Bool {
        !statement.contains("apache_beam") && !statement.contains("psycopg")
    }

    private static func order(_ left: String, _ right: String) -> Bool {
        let isFrom = (left.hasPrefix("from "), right.hasPrefix("from "))
        return isFrom.0 == isFrom.1 ? left < right : isFrom.1
    }
}
