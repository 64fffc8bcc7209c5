import Plan
import StreamEngine

/// The action that a command line requests.
package enum Request {
    /// Print this text to standard output and exit with status 0.
    case print(String)
    /// Print all librdkafka properties.
    case listKafkaOptions
    /// Make a plan and run it.
    case plan(ParsedArguments)

    /// Reads the arguments that follow the program's name.
    package static func parse(_ arguments: [String]) throws(UsageError) -> Request {
        let reader = try ArgumentReader(arguments)
        switch reader.answer {
        case .shortHelp: return .print(Help.short)
        case .help: return .print(Help.full)
        case .version: return .print(Help.version)
        case .completions(let kind): return .print(try Completions.script(kind))
        case nil: break
        }
        if let flag = reader.unknown { throw unknownOption(flag) }
        let flags = reader.arguments
        if flags.input.kafkaOption.contains("list") { return .listKafkaOptions }
        return .plan(ParsedArguments(flags: flags, aggregates: reader.aggregates))
    }

    /// The message for a flag that does not exist.
    private static func unknownOption(_ flag: String) -> UsageError {
        let names = FlagEntry.visible.filter { !$0.name.isEmpty }.map(\.display)
        if let name = Spelling.nearest(to: flag, among: names) {
            return UsageError("unknown option '\(flag)'. Did you mean '\(name)'?")
        }
        return UsageError("unknown option '\(flag)'; 'streamctl --help' lists all options")
    }
}

/// A command line whose flags all exist, each with its value.
package struct ParsedArguments {
    let flags: Arguments
    /// The aggregate flags, in order.
    let aggregates: [ArgumentReader.AggregateFlag]
}
