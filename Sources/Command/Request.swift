import ArgumentParser
import Plan

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
        let normal = try ArgumentNormalizer(arguments)
        switch normal.answer {
        case .shortHelp: return .print(Help.short)
        case .help: return .print(Help.full)
        case .version: return .print(Help.version)
        case .completions(let kind): return .print(try Completions.script(kind))
        case nil: break
        }
        let flags = try parseFlags(normal)
        if flags.input.kafkaOption.contains("list") { return .listKafkaOptions }
        return .plan(
            ParsedArguments(flags: flags, aggregates: normal.aggregates, settings: normal.settings))
    }

    private static func parseFlags(_ normal: ArgumentNormalizer) throws(UsageError) -> Arguments {
        do {
            return try Arguments.parse(normal.arguments)
        } catch {
            throw UsageError(rewrite(Arguments.message(for: error), normal.unknown))
        }
    }

    /// Rewrites the first line of the parser's message in our style: lower case, with a hint.
    private static func rewrite(_ message: String, _ unknown: String?) -> String {
        let line = message.prefix { $0 != "\n" }
        let beginning = "Unknown option"
        if line.hasPrefix(beginning), line.contains("Did you mean") {
            return "unknown option" + line.dropFirst(beginning.count)
        }
        if let unknown { return "unknown option '\(unknown)'; 'streamctl --help' lists all options" }
        return "\(line); 'streamctl --help' lists all options"
    }
}

/// A command line that the parser accepted.
package struct ParsedArguments {
    let flags: Arguments
    /// The aggregate flags, in order.
    let aggregates: [ArgumentNormalizer.AggregateFlag]
    /// The other flags that affect results.
    let settings: [JobPlan.Setting]
}
