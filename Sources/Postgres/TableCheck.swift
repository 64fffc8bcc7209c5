import Plan
import StreamEngine

/// Everything that does not fit between the rows and the table, and the statements that make the table fit.
///
/// All of it is collected before anything is reported: a user who runs the statements does not meet the next problem in
/// the next run.
struct TableCheck {
    enum Problem: Equatable {
        case missing([String])
        case computed(String)
        case type(String, ColumnType, of: ColumnContent)
        /// A column of a type without an order, which cannot be a key or say which of two rows is newer.
        case unordered(String, ColumnType, isKey: Bool)
        case unfilled([String])
        case noIndex([String])
        /// A unique index on fewer columns than the key of the rows, which allows one row where there are many.
        case narrow(String, [String])
        /// A unique index on the key that is checked too late for an upsert.
        case deferrable(String)
        case rights([String])
        case schemaRight(String)
        /// Rows of the table repeat the key, so no unique index can be created.
        case repeatedKeys
        /// A unique index that has to go is referenced by a foreign key.
        case referenced(String)
        /// A unique index of a partitioned table must contain these columns, which are not in the key.
        case partitioned([String])
    }

    let table: TableDescription
    private(set) var problems: [Problem] = []
    /// Indexes to drop, which belong to no constraint.
    private var drops: [String] = []
    /// Actions of one ALTER TABLE.
    private var actions: [String] = []
    /// A unique index to create on these columns.
    private(set) var newIndex: [String]?
    private var grants: [String] = []
    private let nullsNotDistinct: Bool
    /// Whether the rows could also be appended, which needs no key.
    private let canAppend: Bool
    /// Columns that the table has in other letters, such as `userid` for `userId`: the flag that renames each.
    private var otherCases: [String] = []

    /// - Parameter nullsNotDistinct: whether the server knows indexes that treat nulls as equal.
    init(_ request: TablePlan, _ table: TableDescription, nullsNotDistinct: Bool) {
        self.table = table
        self.nullsNotDistinct = nullsNotDistinct
        canAppend = request.changes == nil
        let pairs = request.columns.map { wanted in (wanted, table.columns.first { $0.name == wanted.name }) }
        noteOtherCases(request)
        checkColumns(pairs, version: request.changes?.version)
        let unfilled = table.columns.filter { column in
            column.isNotNull && !column.hasDefault && !column.isComputed
                && !request.columns.contains { $0.name == column.name }
        }
        checkIndexes(request, pairs, unfilled)
        fill(unfilled)
        checkRights(request, pairs)
    }

    // MARK: Checks

    private mutating func noteOtherCases(_ request: TablePlan) {
        let names = Set(request.columns.map(\.name))
        for wanted in request.columns where !table.columns.contains(where: { $0.name == wanted.name }) {
            let twin = table.columns.first { column in
                !names.contains(column.name) && column.name.lowercased() == wanted.name.lowercased()
            }
            guard let twin else { continue }
            let flag = wanted.isKey ? (request.changes == nil ? "--by" : "--key") : "--select"
            func written(_ name: String) -> String { FieldPath.written(name.utf8, allowsHyphen: false) }
            otherCases.append(
                "has no column '\(wanted.name)', but '\(twin.name)'; write \(flag) "
                    + "\(written(twin.name))=\(written(wanted.name))")
        }
    }

    private mutating func checkColumns(_ pairs: [(TablePlan.Column, TableDescription.Column?)], version: String?) {
        let missing = pairs.filter { $0.1 == nil }.map { wanted, _ in
            Statements.Column(name: wanted.name, type: Statements.type(of: wanted.content))
        }
        if !missing.isEmpty {
            problems.append(.missing(missing.map(\.name)))
            actions += missing.map(Statements.addColumn)
        }
        for case (let wanted, let found?) in pairs {
            let name = Identifier.quoted(found.name)
            if found.isComputed {
                problems.append(.computed(found.name))
                actions.append("ALTER COLUMN \(name) DROP \(found.isIdentity ? "IDENTITY" : "EXPRESSION")")
            }
            if !found.type.takes(wanted.content) {
                problems.append(.type(found.name, found.type, of: wanted.content))
                if found.hasDefault { actions.append("ALTER COLUMN \(name) DROP DEFAULT") }
                actions.append(Statements.changeType(found, to: wanted.content))
            } else if wanted.isKey || wanted.name == version, found.type == .json {
                problems.append(.unordered(found.name, found.type, isKey: wanted.isKey))
                actions.append(Statements.changeType(found, to: .json))
            }
        }
    }

    private mutating func checkIndexes(
        _ request: TablePlan, _ pairs: [(TablePlan.Column, TableDescription.Column?)],
        _ unfilled: [TableDescription.Column]
    ) {
        // A primary key also keeps its columns NOT NULL.
        let filled = Set(unfilled.map(\.number))
        for index in table.indexes where index.isPrimary && !filled.isDisjoint(with: index.columns) {
            drop(index)
        }
        let keys = pairs.filter { request.mode == .upsert && $0.0.isKey }
        guard !keys.isEmpty else { return }
        let numbers = Set(keys.compactMap { $0.1?.number })
        let isComplete = numbers.count == keys.count
        let hasIndex = isComplete && !table.usableIndexes(on: numbers).isEmpty
        for index in table.indexes where isComplete && index.isDeferrable && index.covers(numbers) {
            problems.append(.deferrable(index.name))
            drop(index)
        }
        let times = Set(keys.filter { $0.0.content == .time }.compactMap { $0.1?.number })
        let hasTimes = keys.contains { $0.0.content == .time }
        let hasGroups = keys.contains { $0.0.content != .time }
        for index in table.indexes where !index.columns.isEmpty && index.columns.count < keys.count {
            guard Set(index.columns).isSubset(of: numbers) else { continue }
            // Beside the right index, one without a time allows a group a single window, and one of nothing but times
            // allows a window a single group. (Columns of groups may depend on each other, so others may be right.)
            let lacksTimes = hasTimes && times.isDisjoint(with: index.columns)
            let lacksGroups = hasGroups && times.isSuperset(of: index.columns)
            guard !hasIndex || lacksTimes || lacksGroups else { continue }
            problems.append(.narrow(index.name, names(index.columns)))
            drop(index)
        }
        guard !hasIndex else { return }
        problems.append(.noIndex(keys.map(\.0.name)))
        newIndex = keys.map(\.0.name)
        let outside = table.partitionColumns.filter { !numbers.contains($0) }
        if !outside.isEmpty { problems.append(.partitioned(names(outside))) }
    }

    private mutating func drop(_ index: TableDescription.Index) {
        if index.isReferenced { problems.append(.referenced(index.name)) }
        if index.isConstraint {
            actions.insert("DROP CONSTRAINT \(Identifier.quoted(index.name))", at: 0)
        } else {
            let name = TableName(schema: table.name.schema, name: index.name)
            drops.append("DROP INDEX \(name.quoted)")
        }
    }

    private mutating func fill(_ unfilled: [TableDescription.Column]) {
        guard !unfilled.isEmpty else { return }
        problems.append(.unfilled(unfilled.map(\.name)))
        for column in unfilled {
            let name = Identifier.quoted(column.name)
            // The domain of the column says so.
            if column.hasDomain { actions.append("ALTER COLUMN \(name) TYPE \(column.type.name)") }
            actions.append("ALTER COLUMN \(name) DROP NOT NULL")
        }
    }

    private mutating func checkRights(
        _ request: TablePlan, _ pairs: [(TablePlan.Column, TableDescription.Column?)]
    ) {
        if !table.mayUseSchema, let schema = table.name.schema {
            problems.append(.schemaRight(schema))
            grants.append("GRANT USAGE ON SCHEMA \(Identifier.quoted(schema)) TO \(table.role)")
        }
        var missing: [String] = []
        // A new column has the rights of the table.
        if pairs.contains(where: { !($0.1?.mayInsert ?? table.mayInsert) }) { missing.append("INSERT") }
        if request.mode == .upsert {
            if pairs.contains(where: { !($0.1?.maySelect ?? table.maySelect) }) { missing.append("SELECT") }
            if pairs.contains(where: { !$0.0.isKey && !($0.1?.mayUpdate ?? table.mayUpdate) }) {
                missing.append("UPDATE")
            }
        }
        if request.changes?.canDelete ?? false, !table.mayDelete { missing.append("DELETE") }
        guard !missing.isEmpty else { return }
        problems.append(.rights(missing))
        grants.append("GRANT \(missing.joined(separator: ", ")) ON \(table.name.quoted) TO \(table.role)")
    }

    private func names(_ numbers: [Int]) -> [String] {
        numbers.compactMap { number in table.columns.first { $0.number == number }?.name }
    }

    // MARK: Report

    /// The columns of the new index that the table already has, in which its rows may repeat each other.
    var columnsOfNewIndex: [String] { (newIndex ?? []).filter { name in table.columns.contains { $0.name == name } } }

    mutating func noteRepeatedKeys() { problems.append(.repeatedKeys) }

    /// The statements in the order in which they must run.
    var statements: [String] {
        var all = drops
        if !actions.isEmpty { all.append("ALTER TABLE \(table.name.quoted) \(actions.joined(separator: ", "))") }
        if let newIndex {
            all.append(Statements.createIndex(table.name, keys: newIndex, nullsNotDistinct: nullsNotDistinct))
        }
        return all + grants
    }

    /// No statement of ours can help.
    var isBeyondRepair: Bool {
        !otherCases.isEmpty
            || problems.contains { problem in
                switch problem {
                case .repeatedKeys, .referenced, .partitioned: true
                default: false
                }
            }
    }

    var texts: [String] { problems.enumerated().map { text($1, isFirst: $0 == 0) } }

    /// Other remedies, which follow the statements.
    var alternative: String {
        if canAppend, problems.allSatisfy({ if case .noIndex = $0 { true } else { false } }) {
            return " (or --mode append)"
        }
        let owner = table.owner.map { "as the owner, \($0)" }
        let isChanged = drops.count + actions.count > 0 || newIndex != nil
        // What other programs rely on may be dropped.
        let other = drops.isEmpty && !actions.contains { $0.hasPrefix("DROP") } ? nil : "another --table with --create"
        let notes = [isChanged ? owner : nil, other.map { "or \($0)" }].compactMap(\.self)
        return notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
    }

    /// - Returns: nil if everything fits.
    var error: RunError? {
        guard otherCases.isEmpty else {
            return .mismatch("\(table.name.text) \(otherCases.joined(separator: "; it "))")
        }
        guard !problems.isEmpty else { return nil }
        let text = texts.joined(separator: "; ")
        guard !isBeyondRepair else {
            let isOnlyIndex = problems.allSatisfy { problem in
                switch problem {
                case .noIndex, .repeatedKeys, .partitioned: true
                default: false
                }
            }
            return .mismatch(
                "\(text); use another --table with --create" + (isOnlyIndex && canAppend ? ", or --mode append" : ""))
        }
        return .mismatch("\(text): \(statements.joined(separator: "; "))\(alternative)")
    }

    private func text(_ problem: Problem, isFirst: Bool) -> String {
        let name = table.name.text
        let (it, its, of, on) = isFirst ? (name, "", " of \(name)", name) : ("it", "its ", "", "it")
        func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
        return switch problem {
        case .missing(let names): "\(it) has no column \(list(names))"
        case .computed(let name): "\(its)column '\(name)'\(of) is computed by the server"
        case .type(let name, let type, let content):
            "\(its)column '\(name)'\(of) is of type \(type.name), which cannot hold \(content.description)"
        case .unordered(let name, let type, let isKey):
            "\(its)column '\(name)'\(of) is of type \(type.name), which "
                + (isKey ? "cannot be a key" : "has no order for --if-newer")
        case .unfilled(let names):
            "no value for \(its)column \(list(names))\(of), which is NOT NULL"
        case .noIndex(let names): "\(it) has no unique index on exactly \(list(names)), the key of the rows"
        case .narrow(let index, let names):
            "\(its)unique index '\(index)'\(of) allows only one row for each \(list(names))"
        case .deferrable(let index):
            "\(its)unique index '\(index)'\(of) is deferrable, which an upsert does not allow"
        case .rights(let rights): "no privilege to \(rights.joined(separator: ", ")) on \(on)"
        case .schemaRight(let schema): "no privilege on schema \(schema)"
        case .repeatedKeys: "its rows repeat that key"
        case .referenced(let index): "\(its)index '\(index)'\(of) has to be dropped, but a foreign key references it"
        case .partitioned(let names): "it is partitioned by \(list(names)), which that index would have to contain"
        }
    }
}

extension ColumnContent {
    fileprivate var description: String {
        switch self {
        case .unknown: "this"
        case .boolean: "true and false"
        case .integer: "integers"
        case .number: "numbers"
        case .double: "fractions"
        case .time: "times"
        case .text: "texts"
        case .json: "JSON"
        case .mixed: "a mix of numbers and other values"
        }
    }
}
