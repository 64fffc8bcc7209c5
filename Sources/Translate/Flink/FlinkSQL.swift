import Plan
import StreamEngine

/// A script for the SQL client of Flink 2: settings, source, views, sink and the query between them.
struct FlinkSQL: EnginePrinter {
    static let name = "a Flink SQL"

    static func verdict(on part: JobPart, in query: JobQuery) -> Verdict {
        switch part {
        case .order: query.verdictOnOrder
        case .idle: query.source.isTopics ? .printed : .differs("the watermark never moves without records")
        case .lookup:
            .refused(
                "reads no tables from files",
                remedy: "put the table into the database and join it there, or remove --lookup")
        default: .refused("is printed without it", remedy: "remove it")
        }
    }

    static func print(_ query: JobQuery) throws(UsageError) -> Translation {
        let job = try FlinkJob(query, try judge(query))
        var text = JobText(comment: "--")
        text.remark("Made by streamctl \(query.plan.version) --generate flink-sql, for Flink 2.")
        text.remark("Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.")
        if job.usesPlaceholders {
            text.remark("Names in ${} are variables of the environment: envsubst < FILE > FILE.filled")
        }
        for difference in job.differences { text.differs(difference) }
        for setting in job.settings {
            if let remark = setting.remark { text.remark(remark) }
            text.line("SET '\(setting.name)' = \(FlinkText.string(setting.value));")
        }
        text.line()
        text.append(job.source.ending(";"))
        for view in job.views {
            text.line()
            text.line("CREATE TEMPORARY VIEW \(view.name) AS")
            text.append(view.select.ending(";"))
        }
        text.line()
        text.append(job.sink.ending(";"))
        text.line()
        text.line("INSERT INTO results")
        text.append(job.select.ending(";"))
        return Translation(text: text.text, differences: job.allDifferences)
    }
}

extension FlinkJob {
    /// Whether the environment completes the statements.
    var usesPlaceholders: Bool { (source.text + sink.text).contains("${") }
}

extension JobText {
    fileprivate func ending(_ suffix: String) -> JobText {
        var result = self
        result.end(with: suffix)
        return result
    }
}

extension JobSource {
    var isTopics: Bool { if case .topics = self { true } else { false } }
}
