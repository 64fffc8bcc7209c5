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
            if case .kafka = output {
                page.add(
                    "Checkpoint",
                    "every \(every) (--commit-every), with the brokers, as the offsets of group streamctl-\(job.name)")
            } else if table == nil {
                page.add("Checkpoint", "every \(every) (--commit-every), in \(notes.jobFile) (--state-dir)")
            } else {
                page.add(
                    "Checkpoint", "every \(every) (--commit-every), in streamctl_jobs, in the schema of the table:")
                page.add("", notes.createJobs)
            }
        } else if table != nil {
            page.add("Transactions", "every \(every) (--commit-every)")
        }
        page.add("Delivery", job == nil ? repeatedDelivery : resumedDelivery)
        page.add("Threads", (jobs.map { "\($0)" } ?? "one per core") + " (--jobs); the rows do not depend on it")
    }

    /// What a run that failed leaves to the next one, without a job.
    private var repeatedDelivery: String {
        let place = hasGroup ? "where its group has come, which is behind no row that is missing" : "the beginning"
        let again = "a run that failed starts from \(place)"
        let text =
            switch (output, table?.mode) {
            case (.file, _): "\(again), and every run writes the file anew"
            case (.postgres, .upsert): "at least once: \(again), and its rows replace those of the same key"
            case (.postgres, _): "at least once: \(again), and adds its rows again"
            case (.kafka, _): "at least once: \(again), and sends its rows again"
            case (.standardOutput, _): "at least once: \(again), and writes its rows again"
            }
        return text
            + (inputs.contains(.stdin)
                ? "; what came through standard input is gone" : "; with --job NAME it would go on where it was")
    }

    /// Positions are committed for a group, and a run begins there.
    private var hasGroup: Bool {
        inputs.contains { input in
            if case .kafka(let url) = input {
                url.contains("group=") && (!url.contains("start=") || url.contains("start=stored"))
            } else {
                false
            }
        }
    }

    private var resumedDelivery: String {
        switch output {
        case .file: "exactly once: what a crash leaves in the file behind the checkpoint is cut off"
        case .postgres: "exactly once: rows and checkpoint are committed together, in one transaction"
        case .kafka:
            "exactly once for readers with isolation.level=read_committed: rows and checkpoint are committed together, "
                + "in one transaction"
        case .standardOutput:
            "exactly once if standard output is a file (append to it with >>), at least once if it is a pipe"
        }
    }
}
