import Plan
import StreamEngine

extension Plan {
    func explainDelivery(_ page: inout ExplainPage, _ notes: OutputNotes) {
        let every = DurationText.text(commitEvery)
        if let job {
            page.add("Job", "\(job.name): the same command resumes where the last run stopped (--job)")
            if !query.passesThrough, query.window == .all {
                page.add(
                    "", "The only window stays open until the input ends; the next run reads the whole input again.")
            } else if !query.passesThrough, query.watermarkDelay == nil {
                page.add(
                    "",
                    "All windows stay open until the input ends, and the next run reads the whole input again; "
                        + "--watermark closes them earlier.")
            }
            let place = output.jobStore?.detail(job.name) ?? "in \(notes.jobFile) (--state-dir)"
            page.add("Checkpoint", "every \(every) (--commit-every), \(place)")
            if table != nil { page.add("", notes.createJobs) }
        } else if output.isTransactional {
            page.add("Transactions", "every \(every) (--commit-every)")
        }
        page.add("Delivery", job == nil ? repeatedDelivery : output.resumed)
        page.add("Threads", (jobs.map { "\($0)" } ?? "one per usable core") + " (--jobs); does not affect the rows")
    }

    /// The delivery guarantee without a job, for a run that fails and is started again.
    private var repeatedDelivery: String {
        let start =
            input.startsAtGroup ? "the offsets of its group, which never skip an undelivered row" : "the beginning"
        return output.repeated("after a failure, the next run starts from \(start)", table?.mode)
            + (input.isRepeatable
                ? "; with --job NAME it would resume where it stopped" : "; data from standard input is lost")
    }
}
