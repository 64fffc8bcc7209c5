import Plan
import StreamEngine

/// A Python file with a pipeline of Apache Beam: records with event times, windows, `CombinePerKey`, rows.
struct Beam: EnginePrinter {
    static let name = "a Beam"

    static func verdict(on part: JobPart, in query: JobQuery) -> Verdict {
        switch part {
        case .order: query.verdictOnOrder
        case .idle:
            query.source.isTopics
                ? .differs("the watermark of a topic moves on by the clock when there are no messages")
                : .differs("the watermark of a file moves when all records are read")
        case .lookup:
            .refused(
                "reads no tables beside the input",
                remedy: "join the table before: streamctl FILE --lookup TABLE > FILE.jsonl, or remove it")
        default: .refused("is printed without it", remedy: "remove it")
        }
    }

    static let blocks =
        BeamExpressions.blocks + BeamCombiners.blocks + BeamWindows.blocks + BeamSink.blocks

    static func print(_ query: JobQuery) throws(UsageError) -> Translation {
        let differences = try judge(query)
        let source = try BeamSource(query)
        let stages = try query.stages.indices.map { number throws(UsageError) in try BeamStage(query, number) }
        let sink = try BeamSink(query)
        let packages = ["apache-beam"] + (sink.blocks.contains("WriteTable") ? ["'psycopg[binary]'"] : [])
        var file = PythonFile(
            [
                "Made by streamctl \(query.plan.version) --generate beam, for Apache Beam 2.", "",
                "    pip install \(packages.joined(separator: " "))",
                "    python FILE [--runner RUNNER and its options]",
            ], differences)
        file.imports.insert("from apache_beam.options.pipeline_options import PipelineOptions")
        file.imports.formUnion(source.imports.union(sink.imports).union(stages.flatMap(\.imports)))
        file.blocks = source.blocks.union(sink.blocks).union(stages.flatMap(\.blocks))
        try zone(query, &file)
        for function in source.functions { file.define(function) }
        for function in stages.flatMap(\.functions) { file.define(function) }
        file.define(make(stages.map(\.steps)))
        for function in sink.functions { file.define(function) }
        file.define(run(query))
        return file.translation(blocks)
    }

    private static func make(_ steps: [JobText]) -> JobText {
        var text = JobText(comment: "#")
        text.line("def make_rows(records):")
        text.line("    \"\"\"The rows of the records.\"\"\"")
        guard steps.contains(where: { !$0.text.isEmpty }) else {
            text.line("    return records")
            return text
        }
        text.line("    return (")
        text.line("        records")
        for part in steps { text.append(part) }
        text.line("    )")
        return text
    }

    private static func run(_ query: JobQuery) -> JobText {
        var text = JobText(comment: "#")
        text.line("def run(arguments=None):")
        let options = query.source.isBounded ? "" : ", streaming=True"
        let name = query.plan.job.map { ", job_name=\(PythonText.string($0.name))" } ?? ""
        text.line("    with beam.Pipeline(options=PipelineOptions(arguments\(options)\(name))) as pipeline:")
        text.line("        write_rows(make_rows(read_records(pipeline)))")
        text.line()
        text.line()
        text.line("if __name__ == \"__main__\":")
        text.line("    run()")
        return text
    }

    /// The zone of expressions and calendar windows.
    private static func zone(_ query: JobQuery, _ file: inout PythonFile) throws(UsageError) {
        guard let zone = query.stages.map(\.zone).first(where: { !$0.isUTC }) else { return }
        guard query.stages.allSatisfy({ $0.zone.name == zone.name }) else {
            throw .refusal(name, "--time-zone", "job has one zone", "give all stages the same one")
        }
        var text = JobText(comment: "#")
        let bytes = Array(zone.name.utf8)
        if let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), bytes.count == 6 {
            let digits = bytes.map { Int($0) - 48 }
            let minutes = (digits[1] * 10 + digits[2]) * 60 + digits[4] * 10 + digits[5]
            file.imports.insert("from datetime import datetime, timedelta, timezone")
            text.line("ZONE = timezone(timedelta(minutes=\(sign == UInt8(ascii: "-") ? -minutes : minutes)))")
        } else {
            file.imports.insert("from zoneinfo import ZoneInfo")
            text.line("ZONE = ZoneInfo(\(PythonText.string(zone.name)))")
        }
        file.define(text)
    }
}
