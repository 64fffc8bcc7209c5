import Plan
import StreamEngine

/// When the rows of a window are written.
struct BeamTrigger {
    private(set) var parameters: [String] = []
    private(set) var notes: [Difference] = []
    private(set) var usesDuration = false

    init(_ query: JobQuery, _ stage: Query, isLast: Bool, isEndless: Bool) throws(UsageError) {
        if isEndless {
            notes.append(Difference("-a", "the rows of groups that changed are written once a second"))
            parameters = [
                "trigger=trigger.Repeatedly(trigger.AfterProcessingTime(1))",
                "accumulation_mode=trigger.AccumulationMode.ACCUMULATING",
            ]
            return
        }
        guard stage.window.isTimed else { return }
        var lateness = isLast ? stage.lateness : 0
        let isFirst = query.stages.count == 1
        // Rows that are corrected would count twice in what follows.
        let canCorrect = isLast && stage.order?.comparesGroups != true
        if isFirst || !isLast, let delay = stage.watermarkDelay {
            Self.watermark(query, delay, canCorrect, &lateness, &notes)
        }
        if stage.early != nil, query.source.isBounded {
            notes.append(Difference("--early", "files have no early rows: windows close when all records are read"))
        } else if let early = stage.early {
            notes.append(
                Difference(
                    "--early",
                    "a row comes \(BeamText.spoken(early)) after the first record since the row before it"))
        }
        if stage.lateness > 0, case .session = stage.window {
            notes.append(
                Difference("--lateness", "a record is late by the session that it would make alone"))
        }
        guard lateness > 0 || stage.early != nil else { return }
        var triggers: [String] = []
        if let early = stage.early {
            triggers.append("early=trigger.AfterProcessingTime(\(BeamText.duration(early)))")
        }
        if lateness > 0 { triggers.append("late=trigger.AfterCount(1)") }
        parameters.append("trigger=trigger.AfterWatermark(\(triggers.joined(separator: ", ")))")
        if lateness > 0 {
            let text = BeamText.duration(lateness)
            usesDuration = text.hasPrefix("Duration")
            parameters.append("allowed_lateness=\(text)")
        }
        parameters.append("accumulation_mode=trigger.AccumulationMode.ACCUMULATING")
    }

    private static func watermark(
        _ query: JobQuery, _ delay: Int64, _ canCorrect: Bool, _ lateness: inout Int64, _ notes: inout [Difference]
    ) {
        if query.source.isBounded {
            notes.append(
                Difference(
                    "--watermark",
                    "no record of a file is late: the watermark passes all windows when all records are read"))
            if lateness > 0 {
                notes.append(Difference("--lateness", "each row of a file comes once, with revision 0"))
            }
        } else if delay > 0 {
            notes.append(
                Difference(
                    "--watermark",
                    "the watermark is that of Kafka's times, without a delay: a row comes up to "
                        + "\(BeamText.spoken(delay)) earlier, and a record within this time \(canCorrect ? "corrects it" : "is late")"
                ))
            if canCorrect { lateness += delay }
        } else {
            notes.append(Difference("--watermark", "the watermark is that of Kafka's times"))
        }
    }
}
