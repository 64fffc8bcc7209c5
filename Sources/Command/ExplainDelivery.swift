import Plan
import StreamEngine

extension Plan {
    func explainDelivery(_ page: inout ExplainPage, _ notes: OutputNotes) {
        let every = DurationText.text(commitEvery)
        if let job {
            page.add("Job", "\(job.name): the same command goes on where the last run stopped (--job)")
            if !query.passesThrough, query.window == .all {
                page.add("", "The only window is open until the input ends: the next run reads all of it again.")
            } else if !query.passesThrough, query.watermarkDelay == nil {
                page.add(
                    "",
                    "All windows are open until the input ends, and the next run reads all of it again; --watermark "
                        + "closes them earlier.")
            }
            let place = output.jobStore?.detail(job.name) ?? "in \(notes.jobFile) (--state-dir)"
            page.add("Checkpoint", "every \(every) (--commit-every), \(place)")
            if table != nil { page.add("", notes.createJobs) }
        } else if output.isTransactional {
            page.add("Transactions", "every \(every) (--commit-every)")
        }
        page.add("Delivery", job == nil ? repeatedDelivery : output.resumed)
        page.add("Threads", (jobs.map { "\($0)" } ?? "one per core") + " (--jobs); the rows do not depend on it")
    }

    /// What a run that failed leaves to the next one, without a job.
    private var repeatedDelivery: String {
        let place =
            input.startsAtGroup ? "where its group has come, which is behind no row that is missing" : "the beginning"
        return output.repeated("a run that failed starts from \(place)", table?.mode)
            + (input.isRepeatable
                ? "; with --job NAME it would go on where it was" : "; what came through standard input is gone")
    }
}
