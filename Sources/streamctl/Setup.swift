import Command
import Files
import Kafka
import Plan
import Run
import StreamEngine
import System
import Translate

/// Makes the plan, given the inputs and time zones of this machine.
func makePlan(_ arguments: ParsedArguments) throws(UsageError) -> Plan {
    let environment = PlanEnvironment(
        inputs: kinds.inputs.map { $0.spec }, outputs: kinds.outputs.map { $0.spec }, isLive: FileSource.isLive,
        standardInputIsTerminal: StandardStreams.inputIsTerminal,
        standardOutputIsTerminal: StandardStreams.outputIsTerminal, isMissing: { !exists($0) },
        formatOfInput: InputHead.format(of:_:decompresses:mayWait:), sampleOfFollowed: FollowInput.sample(of:),
        hintOfInput: inputHint(_:_:decompresses:), zoneNames: zoneNames, zone: zone(named:))
    var plan = try Plan.make(arguments, environment: environment)
    plan.version = Version.number
    return plan
}

private func zone(named name: String) throws(UsageError) -> ZoneOffsets? {
    do throws(ZoneFileError) {
        guard let offsets = try zoneOffsets(named: name) else { return nil }
        return ZoneOffsets(
            name: name, offsets: offsets.map { ($0.from, $0.offset) },
            abbreviations: offsets.reversed().map { ($0.abbreviation, $0.offset) })
    } catch {
        throw UsageError(
            "--time-zone '\(name)': \(error.path) is damaged: \(error.defect); install tzdata again, or give an offset "
                + "such as --time-zone +02:00")
    }
}

/// Runs a plan, explains it, or lists the fields of its input.
func execute(_ plan: Plan) -> ExitOutcome {
    MessageForm.use(plan.logFormat)
    if plan.fieldList != nil { return listFields(plan, kinds) }
    if let kind = plan.generate { return generate(kind, plan) }
    return plan.explain ? explain(plan, kinds) { plan.explanation($0) } : run(plan, kinds)
}

/// Prints a description for another program or, with `--explain`, only what a job of another engine does differently.
private func generate(_ kind: Generated, _ plan: Plan) -> ExitOutcome {
    if let engine = kind.engine {
        do throws(UsageError) {
            let translation = try plan.translated(engine)
            return printText(plan.explain ? translation.explanation : translation.text)
        } catch {
            return ExitOutcome(error.status, error.text)
        }
    }
    do throws(RunError) { return printText(try plan.dashboard()) } catch { return Diagnostics.ending(of: error) }
}

/// Prints the properties of librdkafka.
func listKafkaOptions() -> ExitOutcome {
    do throws(RunError) {
        return printText(try KafkaOptions.list())
    } catch {
        return Diagnostics.ending(of: error.about("-X list"))
    }
}

/// Prints what a shell can offer for a word. Prints nothing where that is unknown: the user is about to type it.
func answer(_ offer: Offer) -> ExitOutcome {
    switch offer.kind {
    case .zones: printText(offer.lines(zoneNames() + ["local"]))
    case .topics: printText(offer.lines(topicURLs(offer.current)))
    case .fields, .time, .expression, .aggregates: printText(offerFields(offer))
    }
}

/// The URLs of the topics of the brokers in an unfinished URL, if one of them answers while the user waits.
private func topicURLs(_ text: String) -> [String] {
    guard let brokers = KafkaURL.brokers(ofUnfinished: text),
        let end = text.lastIndex(where: { $0 == "/" || $0 == "," })
    else { return [] }
    let named = text[...end].dropFirst("kafka://\(brokers)/".count).split(separator: ",").map(String.init)
    return TopicNames.list(brokers, within: 400_000).filter { !named.contains($0) }.map { "\(text[...end])\($0)" }
}
