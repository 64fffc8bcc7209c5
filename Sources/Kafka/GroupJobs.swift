import CRDKafka
import Plan
import StreamEngine
import System

/// The jobs of a cluster: the groups whose committed offsets hold checkpoints.
enum GroupJobs {
    private static let prefix = "streamctl-"

    static func list(
        brokers: String, job: String?, options: [String], interrupt: Interrupt
    ) throws(RunError) -> JobList {
        let calls = try Library.use()
        let client = try Client(
            calls, RD_KAFKA_CONSUMER,
            try Configuration(calls, brokers: brokers, usual: [], fixed: [], options: options))
        let groups: [String]
        if let job { groups = [prefix + job] } else { groups = try client.groups(interrupt: interrupt) }
        let partitions = try client.allPartitions(interrupt: interrupt)
        var jobs: [StoredJob] = []
        for group in groups where group.hasPrefix(prefix) {
            let reader = try Client(
                calls, RD_KAFKA_CONSUMER,
                try Configuration(
                    calls, brokers: brokers, usual: [], fixed: [("group.id", group)], options: options))
            let texts = try reader.committedTexts(partitions, of: group, remark: "", interrupt: interrupt)
            // A group of another program may have such a name.
            guard let job = JobOffsets.job(String(group.dropFirst(prefix.count)), texts) else { continue }
            jobs.append(job)
        }
        return JobList(place: "kafka://\(brokers)", jobs: jobs)
    }
}

extension JobOffsets {
    /// A job by the metadata of the committed offsets of its group; nil if they hold no checkpoint.
    ///
    /// Each part names its input, so nothing needs to fit together: a job that started over may have left others.
    static func job(_ name: String, _ texts: [String]) -> StoredJob? {
        var job: StoredJob?
        var positions: [(number: Int64, position: StoredJob.Position)] = []
        for text in texts {
            guard let tree = try? ControlJSON(parsing: text) else { continue }
            if case .text(let fingerprint) = tree["fingerprint"], case .text(let checkpoint) = tree["checkpoint"] {
                let settings = try? ControlJSON(parsing: fingerprint)
                let common = try? ControlJSON(parsing: checkpoint)
                var output = "?"
                if case .text(let text) = settings?["--output"] { output = text }
                job = StoredJob(
                    name: name, output: output,
                    status: common == nil ? .damaged : common?["finished"] == .boolean(true) ? .finished : .unfinished)
            }
            if case .integer(let number) = tree["number"], case .text(let part) = tree["partition"],
                let members = try? ControlJSON(parsing: part), case .text(let input) = members["name_\(number)"],
                case .integer(let position) = members["at_\(number)"]
            {
                positions.append((number, StoredJob.Position(input: input, position: position)))
            }
        }
        job?.positions = positions.sorted { $0.number < $1.number }.map(\.position)
        return job
    }
}

extension Client {
    /// The names of all groups.
    fileprivate func groups(interrupt: Interrupt) throws(RunError) -> [String] {
        var names: [String] = []
        try retry("could not list the groups", interrupt: interrupt) { milliseconds throws(RunError) in
            var list: UnsafePointer<rd_kafka_group_list>?
            let code = calls.rd_kafka_list_groups(handle, nil, &list, milliseconds)
            guard let list else { return code }
            defer { calls.rd_kafka_group_list_destroy(list) }
            names = (0..<Int(list.pointee.group_cnt)).compactMap { number in
                list.pointee.groups?[number].group.map { String(cString: $0) }
            }
            return code
        }
        return names
    }

    /// The partitions of all topics, without internal ones.
    fileprivate func allPartitions(interrupt: Interrupt) throws(RunError) -> [TopicPartition] {
        var partitions: [TopicPartition] = []
        try retry("could not list the topics", interrupt: interrupt) { milliseconds throws(RunError) in
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = calls.rd_kafka_metadata(handle, 1, nil, &metadata, milliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return code }
            defer { calls.rd_kafka_metadata_destroy(metadata) }
            for number in 0..<Int(metadata.pointee.topic_cnt) {
                guard let topic = metadata.pointee.topics?[number], let name = topic.topic.map({ String(cString: $0) }),
                    !name.hasPrefix("__")
                else { continue }
                for index in 0..<Int(topic.partition_cnt) {
                    guard let id = topic.partitions?[index].id else { continue }
                    partitions.append(TopicPartition(topic: name, id: id))
                }
            }
            return code
        }
        return partitions
    }
}
