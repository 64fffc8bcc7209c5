import Plan
import StreamEngine
import System

/// Lists the jobs of a place, for `--list-jobs`. Changes nothing.
package func listJobs(_ plan: JobListPlan, _ kinds: Kinds) -> ExitOutcome {
    do throws(RunError) {
        var list = try kinds.jobs(plan) { StandardStreams.writeError(Diagnostics.line($0)) }
        list.jobs.sort { ($0.name, $0.output) < ($1.name, $1.output) }
        if let name = plan.job { list.jobs.removeAll { $0.name != name } }
        guard !list.jobs.isEmpty else {
            // Like an empty list of a program such as ls.
            var outcome = printText("")
            outcome.message = Diagnostics.line(
                plan.job.map { "no job '\($0)' in \(list.place)" } ?? "no jobs in \(list.place)")
            return outcome
        }
        let format = plan.format ?? .table
        return printText(JobReport(jobs: list.jobs).text(format), format)
    } catch {
        return Diagnostics.ending(of: error)
    }
}

/// The text of `--list-jobs`: a line for each job.
struct JobReport {
    let jobs: [StoredJob]

    private static let header = ["job", "output", "status", "committed", "position"]

    func text(_ format: OutputFormat) -> String {
        switch format {
        case .table, .spark, .bars, .heat, .svg: return table
        case .json:
            var buffer = ByteBuffer()
            for job in jobs {
                buffer.append(json(job))
                buffer.append("\n" as StaticString)
            }
            return buffer.text
        case .csv, .tsv:
            var buffer = ByteBuffer()
            for cells in [Self.header] + jobs.map(Self.cells) {
                buffer.append(delimited: cells, asCSV: format == .csv)
            }
            return buffer.text
        }
    }

    private static func time(_ micros: Int64) -> String {
        var buffer = ByteBuffer(capacity: 40)
        // To the second, so that columns line up.
        buffer.append(time: micros - micros % 1_000_000)
        return buffer.text
    }

    private static func cells(_ job: StoredJob) -> [String] {
        [
            job.name, job.output, job.status.rawValue, job.committed.map(time) ?? "",
            job.positions.map { "\($0.input)@\($0.position)" }.joined(separator: " "),
        ]
    }

    private func json(_ job: StoredJob) -> ControlJSON {
        var members: [ControlJSON.Member] = [
            .init("job", .text(job.name)), .init("output", .text(job.output)),
            .init("status", .text(job.status.rawValue)),
        ]
        if let committed = job.committed { members.append(.init("committed", .text(Self.time(committed)))) }
        members.append(
            .init("positions", .object(job.positions.map { .init($0.input, .integer($0.position)) })))
        return .object(members)
    }

    /// Columns for readers, of which the last one is not padded. An empty cell is a hyphen, so that each line has the
    /// same number of words up to there.
    private var table: String {
        let rows = [Self.header] + jobs.map { Self.cells($0).map { $0.isEmpty ? "-" : $0 } }
        let widths = Self.header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column + 1 == row.count ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ") + "\n"
        }.joined()
    }
}
