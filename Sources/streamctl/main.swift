import Command
import Plan
import Run
import System

// Parses the command line, makes a plan, runs it, and exits with its status.

StandardStreams.repair()
Interrupt.catchSignals()
MessageForm.prepare()
guard let words = commandLineWords() else {
    ExitOutcome(.bug, Diagnostics.line("the system has passed no command line; run it from a shell")).exit()
}
runOnKnownStack {
    let outcome: ExitOutcome
    do throws(UsageError) {
        switch try Request.parse(words) {
        case .print(let text): outcome = printText(text)
        case .version: outcome = printText(Version.text)
        case .listKafkaOptions: outcome = listKafkaOptions()
        case .offer(let offer): outcome = answer(offer)
        case .listJobs(let list): outcome = listJobs(list, kinds)
        case .plan(let arguments): outcome = execute(try makePlan(arguments))
        }
    } catch {
        outcome = ExitOutcome(error.status, error.text)
    }
    outcome.exit()
}
