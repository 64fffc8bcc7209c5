import Plan
import StreamEngine

extension Plan {
    /// What the run shows of itself. Requires the queries.
    static func readReporting(
        _ parsed: ParsedArguments, _ environment: PlanEnvironment, into plan: inout Plan
    ) throws(UsageError) {
        let flags = parsed.lastFlags
        plan.statistics = try statistics(flags.reporting)
        plan.metrics = try metrics(flags.reporting)
        plan.exportsResults = flags.reporting.metricsResults
        if plan.exportsResults {
            guard !plan.metrics.isEmpty else {
                throw UsageError("--metrics-results shows rows as metrics; add --metrics PORT, such as --metrics 9105")
            }
            guard !plan.lastQuery.passesThrough else {
                throw UsageError("--metrics-results shows aggregates; add one, such as --count")
            }
        }
        plan.progress = try progress(flags.reporting)
        plan.logFormat = try logFormat(flags.reporting)
        plan.isWatched = try isWatched(flags, plan.lastQuery, plan.output, environment, isLive: plan.isLive)
    }

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

    static func logFormat(_ flags: ReportingArguments) throws(UsageError) -> LogFormat {
        guard let text = flags.logFormat else { return .text }
        guard let format = LogFormat(rawValue: text.lowercased()) else {
            throw UsageError("--log-format '\(text)': unknown format; use text or json")
        }
        return format
    }

    /// Whether rows go to a terminal, and neither another program nor a job needs them as JSON.
    static func printsForReaders(
        _ flags: Arguments, _ query: Query, _ output: any OutputSpec, _ environment: PlanEnvironment
    ) -> Bool {
        output.path == "-" && environment.standardOutputIsTerminal && !query.passesThrough && !query.punctuate
            && flags.output.format == nil && flags.delivery.job == nil
    }

    /// Whether open windows are shown below the table on the terminal.
    static func isWatched(
        _ flags: Arguments, _ query: Query, _ output: any OutputSpec, _ environment: PlanEnvironment, isLive: Bool
    ) throws(UsageError) -> Bool {
        let reporting = flags.reporting
        guard reporting.live else {
            return isLive && !reporting.noLive && !reporting.progress && query.early == nil
                && printsForReaders(flags, query, output, environment)
        }
        for (flag, isGiven) in [("no-live", reporting.noLive), ("progress", reporting.progress)] where isGiven {
            throw UsageError("--live and --\(flag) cannot be combined; remove one of them")
        }
        guard !query.passesThrough else {
            throw UsageError(
                "--live shows open windows, but records pass through; add an aggregate, such as --count")
        }
        guard output.path == "-", environment.standardOutputIsTerminal else {
            throw UsageError("--live requires rows on a terminal, but they go elsewhere; remove --live")
        }
        guard query.format == .table else {
            let reason = query.punctuate ? "--punctuate" : flags.output.format == nil ? "--job" : "--format"
            throw UsageError("--live draws a table; remove \(reason), or --live")
        }
        return true
    }

    /// `PORT`, `ADDRESS:PORT`, `[ADDRESS]:PORT` or `FILE.prom`.
    static func metrics(_ flags: ReportingArguments) throws(UsageError) -> [MetricsPlan] {
        var plans: [MetricsPlan] = []
        for text in flags.metrics {
            if text.hasSuffix(".prom") {
                plans.append(.file(text))
                continue
            }
            let mark = text.lastIndex(of: ":")
            let port = text[(mark.map { text.index(after: $0) } ?? text.startIndex)...]
            guard let number = UInt16(port), port.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }) else {
                throw UsageError(
                    "--metrics '\(text)': neither a port nor a file; use PORT, ADDRESS:PORT or FILE.prom, such as "
                        + "--metrics 9105")
            }
            var host = mark.map { String(text[..<$0]) } ?? "127.0.0.1"
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            // As servers write all addresses: `:9105`, `*:9105`.
            if host.isEmpty || host == "*" { host = "0.0.0.0" }
            plans.append(.server(MetricsAddress(host: host, port: number, text: text)))
        }
        return plans
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
