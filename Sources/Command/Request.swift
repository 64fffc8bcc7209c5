import Plan

/// The action that a command line requests.
package enum Request {
    /// Print this text to standard output and exit with status 0.
    case print(String)
    /// Print the versions of the program and of the libraries it loads.
    case version
    /// Print all librdkafka properties.
    case listKafkaOptions
    /// Print what a shell can offer for a word.
    case offer(Offer)
    /// List jobs.
    case listJobs(JobListPlan)
    /// Make a plan and run it.
    case plan(ParsedArguments)

    /// Reads the arguments that follow the program's name.
    package static func parse(_ arguments: [String]) throws(UsageError) -> Request {
        let reader = try ArgumentReader(arguments)
        switch reader.answer {
        case .shortHelp: return .print(Help.short)
        case .help(let topic): return .print(try Help.text(about: topic))
        case .version: return .version
        case .completions(let shell): return .print(try Completions.script(shell))
        case .offers(let kind, let words): return .offer(try Offer(kind, words))
        case nil: break
        }
        let flags = reader.arguments
        if flags.input.kafkaOption.contains("list") { return .listKafkaOptions }
        if flags.delivery.listJobs { return .listJobs(try Plan.jobList(flags)) }
        return .plan(
            ParsedArguments(
                flags: flags, aggregates: reader.aggregates, later: reader.later, words: reader.words,
                isEmpty: arguments.isEmpty))
    }
}

/// A command line whose flags all exist, each with its value.
package struct ParsedArguments {
    let flags: Arguments
    /// The aggregate flags, in order.
    let aggregates: [ArgumentReader.AggregateFlag]
    /// The flags of the stages behind `--then`.
    let later: [ArgumentReader.StageFlags]
    /// The INPUTs, with what was before them.
    let words: [InputWord]
    /// Whether the command line has no arguments at all.
    let isEmpty: Bool
}
