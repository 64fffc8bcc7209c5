import Command
import Files
import Kafka
import Plan
import Run
import StreamEngine
import System

/// Makes the plan, given the inputs and time zones of this machine.
func makePlan(_ arguments: ParsedArguments) throws(UsageError) -> Plan {
    let environment = PlanEnvironment(
        inputs: kinds.inputs.map { $0.spec }, outputs: kinds.outputs.map { $0.spec }, isLive: FileSource.isLive,
        standardInputIsTerminal: StandardStreams.inputIsTerminal,
        zone: { name in
            guard let offsets = zoneOffsets(named: name) else { return nil }
            return ZoneOffsets(
                name: name, offsets: offsets.map { ($0.from, $0.offset) },
                abbreviations: offsets.reversed().map { ($0.abbreviation, $0.offset) })
        })
    return try Plan.make(arguments, environment: environment)
}

/// Runs a plan, or explains it.
func execute(_ plan: Plan) -> ExitOutcome {
    plan.explain ? explain(plan, kinds) { plan.explanation($0) } : run(plan, kinds)
}

/// Prints the properties of librdkafka.
func listKafkaOptions() -> ExitOutcome {
    do throws(RunError) {
        return printText(try KafkaOptions.list())
    } catch {
        return Diagnostics.ending(of: error.about("-X list"))
    }
}
