import Plan
import StreamEngine

extension Plan {
    static func verbosity(_ flags: ReportingArguments) throws(UsageError) -> Verbosity {
        guard !(flags.verbose && flags.quiet) else {
            throw UsageError("--verbose and --quiet cannot be combined; remove one of them")
        }
        return flags.verbose ? .verbose : flags.quiet ? .quiet : .normal
    }

    static func progress(_ flags: ReportingArguments) throws(UsageError) -> ProgressMode {
        guard !(flags.progress && flags.noProgress) else {
            throw UsageError("--progress and --no-progress cannot be combined; remove one of them")
        }
        return flags.progress ? .on : flags.noProgress ? .off : .automatic
    }

    /// `FILE` or `FILE?every=DURATION`.
    static func statistics(_ flags: ReportingArguments) throws(UsageError) -> StatisticsPlan? {
        guard let text = flags.stats else { return nil }
        var plan = StatisticsPlan(path: text)
        if let mark = text.lastIndex(of: "?") {
            plan.path = String(text[..<mark])
            let option = text[text.index(after: mark)...]
            guard option.hasPrefix("every=") else {
                throw UsageError(
                    "--stats '\(text)': unknown option '\(option)'; use every=DUR, such as --stats '\(plan.path)?every=1s'"
                )
            }
            plan.every = try Durations.length(String(option.dropFirst(6)), of: "--stats every=")
        }
        guard !plan.path.isEmpty else { throw UsageError("--stats requires a file name, or - for standard error") }
        return plan
    }
}
