import Command
import Plan
import Run
import System

// Reads the command line, makes a plan of it, runs the plan and leaves with its status.

StandardStreams.repair()
Interrupt.catchSignals()
let ending: ExitOutcome
do throws(UsageError) {
    switch try Request.parse(Array(CommandLine.arguments.dropFirst())) {
    case .print(let text): ending = printText(text)
    case .listKafkaOptions: ending = listKafkaOptions()
    case .plan(let arguments): ending = execute(try makePlan(arguments))
    }
} catch {
    ending = ExitOutcome(.usage, error.text)
}
ending.leave()
