import ArgumentParser
import Plan

/// What a command line asks for.
package enum Request {
    /// Print this to standard output and end with status 0.
    case print(String)
    /// Print what librdkafka can be told.
    case listKafkaOptions
    /// Make a plan of it.
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

    /// The parser's message as one line of ours: its first line, without a capital, with a remedy.
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

/// A command line that the parser has accepted.
package struct ParsedArguments {
    let flags: Arguments
    /// The aggregate flags in their order.
    let aggregates: [ArgumentNormalizer.AggregateFlag]
    /// The other flags that change what rows are.
    let settings: [JobPlan.Setting]
}
