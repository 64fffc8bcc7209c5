import Plan
import StreamEngine

/// A field of records that the query reads.
struct JobField: Sendable, Equatable {
    var path: FieldPath
    var type: FieldType
    /// What decided about the type: `--types`, or the flag that shows how the field is used.
    var reason: String
    /// Whether `--types` says so; else the type is a guess.
    var isDeclared: Bool

    /// The remark about a type that is a guess.
    var guess: String { "\(type.rawValue) is a guess from \(reason): --types \(path.text)=TYPE" }

    /// The names from the top of the record; nil if an index is among them.
    var names: [String]? {
        var names: [String] = []
        for step in path.steps {
            guard case .name(let name) = step else { return nil }
            names.append(String(decoding: name, as: UTF8.self))
        }
        return names
    }
}

/// The fields that a query reads, with types: as declared, or as each field is first used.
struct FieldTypes {
    private(set) var fields: [JobField] = []
    private(set) var sourceColumns: [SourceColumn] = []
    private let declared: [DeclaredType]
    /// The computed fields that hide fields of the same name.
    private var hidden: Set<FieldPath> = []

    init(_ declared: [DeclaredType]) { self.declared = declared }

    /// Reads all expressions, those that show most of a type first.
    mutating func read(_ query: Query, _ time: JobTime) {
        switch time {
        case .field(let path, let format): add(path, Self.type(of: format), "--time")
        case .kafkaTime: sourceColumns.append(.time)
        case .arrival, .none: break
        }
        let lets = query.lets.map { FieldPath(name: Array($0.name.utf8)) }
        hidden = Set(lets)
        for key in query.groupKeys { read(key.expression.syntax, .string, "--by") }
        for aggregate in query.aggregates {
            for (number, argument) in aggregate.arguments.enumerated() {
                read(argument.syntax, aggregate.function.argumentType(number), aggregate.name)
            }
        }
        hidden = []
        for (item, path) in zip(query.lets, lets) {
            read(item.expression.syntax, nil, "--let \(item.name)")
            hidden.insert(path)
        }
        if let filter = query.filter { read(filter.syntax, .boolean, "--where") }
        for path in query.dedup?.fields ?? [] { add(path, nil, "--dedup") }
        for lookup in query.lookups { for path in lookup.fields { add(path, nil, "--lookup") } }
        if query.passesThrough {
            for item in query.select ?? [] { read(item.expression.syntax, nil, "--select") }
        }
        for index in fields.indices where fields[index].reason.isEmpty { fields[index].reason = "nothing" }
    }

    /// - Parameter wanted: the type that the place needs; nil if it takes any.
    private mutating func read(_ syntax: Syntax, _ wanted: FieldType?, _ reason: String) {
        switch syntax {
        case .literal, .aggregate: break
        case .field(let path, _): add(path, wanted, reason)
        case .apply(let operation, let arguments):
            for (number, argument) in arguments.enumerated() {
                read(argument, operation.wants(number, of: arguments, wanted), reason)
            }
        }
    }

    private mutating func add(_ path: FieldPath, _ wanted: FieldType?, _ reason: String) {
        if hidden.contains(path) { return }
        if let column = path.sourceColumn {
            if !sourceColumns.contains(column) { sourceColumns.append(column) }
            return
        }
        let known = declared.first { $0.field == path }
        guard let index = fields.firstIndex(where: { $0.path == path }) else {
            fields.append(
                JobField(
                    path: path, type: known?.type ?? wanted ?? .string,
                    reason: known != nil ? "--types" : wanted == nil ? "" : reason, isDeclared: known != nil))
            return
        }
        // A later use decides if the first one takes any type.
        if let wanted, fields[index].reason.isEmpty {
            fields[index].type = wanted
            fields[index].reason = reason
        }
    }

    private static func type(of format: TimeFormat) -> FieldType {
        switch format {
        case .seconds: .double
        case .milliseconds, .microseconds, .nanoseconds: .bigint
        case .auto, .iso: .timestamp
        case .pattern: .string
        }
    }
}
