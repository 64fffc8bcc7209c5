import Plan
import StreamEngine

/// What a run lacks before it can write a table, and the statement that provides it.
struct SetupProblem: Equatable {
    var text: String
    var statement: String
    var isMissingSchema = false

    init(_ text: String, _ statement: String, isMissingSchema: Bool = false) {
        self.text = text
        self.statement = statement
        self.isMissingSchema = isMissingSchema
    }
}

/// The table and the job table at the start of a run. Everything that is missing is collected and reported together.
struct TableSetup {
    private let request: TablePlan
    private let job: JobPlan?
    private let session: Session
    /// nil: to be created.
    private(set) var table: TableDescription?
    /// The name of the table to create.
    private(set) var newTable: TableName?
    private(set) var jobs = TableName(schema: nil, name: Statements.jobsName)
    private(set) var lacksJobs = false
    private var problems: [SetupProblem] = []
    /// The tables that `--create` would create.
    private var missing: [String] = []

    init(_ request: TablePlan, _ job: JobPlan?, _ session: Session) {
        self.request = request
        self.job = job
        self.session = session
    }

    mutating func look(for name: TableName) throws(AttemptError) {
        if request.mode == .upsert, let problem = try session.obstacleToStaging() { problems.append(problem) }
        table = try session.describe(name)
        if let table {
            jobs.schema = table.name.schema
        } else {
            guard let schema = name.schema != nil ? name.schema : try session.currentSchema() else {
                throw .final(.mismatch("no schema of the search path exists; name one: --table SCHEMA.\(name.name)"))
            }
            jobs.schema = schema
        }
        let schema = jobs.schema ?? ""
        if job != nil { try lookForJobs() }
        guard table == nil || lacksJobs else { return }
        let obstacle = try session.obstacle(toCreationIn: schema)
        if table == nil {
            newTable = TableName(schema: schema, name: name.name)
            // Unqualified in statements, as it was given.
            if !request.creates { try require(name, obstacle) }
        }
        if let obstacle, request.creates || obstacle.isMissingSchema { problems.insert(obstacle, at: 0) }
        if lacksJobs, !request.creates {
            missing.append("job table \(jobs.text)")
            problems.append(SetupProblem("", Statements.createJobs(schema: jobs.schema)))
            grant("SELECT, INSERT, UPDATE", on: jobs, obstacle)
        }
    }

    private mutating func require(_ name: TableName, _ obstacle: SetupProblem?) throws(AttemptError) {
        let columns = request.columns.map { Statements.Column(name: $0.name, type: Statements.type(of: $0.content)) }
        missing.append("table \(name.text)")
        problems.append(
            SetupProblem(
                "",
                Statements.createTable(
                    name, columns, for: request, nullsNotDistinct: session.serverVersion >= 150_000)))
        var rights = request.mode == .upsert ? "INSERT, SELECT, UPDATE" : "INSERT"
        if request.changes?.canDelete ?? false { rights += ", DELETE" }
        grant(rights, on: name, obstacle)
    }

    /// A role that may not create a table will not own it.
    private mutating func grant(_ rights: String, on table: TableName, _ obstacle: SetupProblem?) {
        guard let obstacle, !obstacle.isMissingSchema else { return }
        problems.append(SetupProblem("", "GRANT \(rights) ON \(table.quoted) TO \(session.role)"))
    }

    private mutating func lookForJobs() throws(AttemptError) {
        guard let found = try session.describe(jobs) else {
            lacksJobs = true
            return
        }
        if !found.columns.allSatisfy({ $0.mayInsert && $0.maySelect && $0.mayUpdate }) {
            problems.append(
                SetupProblem(
                    "no privilege on the job table \(jobs.text)",
                    "GRANT SELECT, INSERT, UPDATE ON \(jobs.quoted) TO \(session.role)"))
        }
        // After a server crash, every job would seem new and deliver everything again.
        if found.isUnlogged {
            problems.append(
                SetupProblem("the job table \(jobs.text) is unlogged", "ALTER TABLE \(jobs.quoted) SET LOGGED"))
        }
    }

    /// - Returns: nil if the run can start. What does not fit in an existing table is reported along with other problems,
    ///   but not on its own: first it must be certain that the run starts.
    var error: RunError? {
        guard !problems.isEmpty else { return nil }
        var texts = problems.map(\.text).filter { !$0.isEmpty }
        var statements = problems.map(\.statement)
        var alternative = ""
        if let table {
            let check = TableCheck(request, table, nullsNotDistinct: session.serverVersion >= 150_000)
            if check.isBeyondRepair { return check.error }
            texts += check.texts
            statements += check.statements
            alternative = check.problems.isEmpty ? "" : check.alternative
        }
        if !missing.isEmpty {
            let (verb, them) = missing.count == 1 ? ("does", "it") : ("do", "them")
            let text = "\(missing.joined(separator: " and ")) \(verb) not exist"
            texts.append(problems.contains(where: \.isMissingSchema) ? text : "\(text); --create creates \(them), or")
        }
        return .mismatch("\(texts.joined(separator: "; ")): \(statements.joined(separator: "; "))\(alternative)")
    }
}

extension Session {
    /// Whether rows of the table repeat the key of an index that is to be created. Gives up on a large table: creating
    /// the index will tell.
    func repeatsKeys(_ check: TableCheck) throws(AttemptError) -> Bool {
        // Without any of these columns, all rows would have the same key.
        let columns = check.columnsOfNewIndex
        let grouping = columns.isEmpty ? "" : " GROUP BY \(Identifier.list(columns))"
        do throws(AttemptError) {
            try begin(lockTimeout: "1s")
            try run("SET LOCAL statement_timeout = '3s'")
            let found = try run(
                "SELECT EXISTS (SELECT FROM \(check.table.name.quoted)\(grouping) HAVING count(*) > 1)"
            ).rows.first
            try run("ROLLBACK")
            return found?.first == "t"
        } catch .server {
            try run("ROLLBACK")
            return false
        }
    }
}
