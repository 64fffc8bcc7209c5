/// The text of a checkpoint: a flat JSON object. Names of members of a partition end with its number: `at_0`. The names
/// are those of the first version, which called the committed position `at` and the restart position `low`.
extension Checkpoint {
    package var text: String {
        let members = commonMembers + partitionMembers
        return ControlJSON.object(members + [CheckpointChecksum.member(completing: members)]).json
    }

    /// The common part, as a separate object. Its checksum covers all parts.
    package var commonText: String {
        let common = commonMembers
        return ControlJSON.object(common + [CheckpointChecksum.member(completing: common + partitionMembers)]).json
    }

    private var commonMembers: [ControlJSON.Member] {
        var writer = MemberWriter()
        writer.write(self)
        return writer.members
    }

    private var partitionMembers: [ControlJSON.Member] {
        var writer = MemberWriter()
        for (number, partition) in input.partitions.enumerated() { writer.write(partition, number) }
        return writer.members
    }

    /// The part of one partition, as a separate object.
    package func partitionText(_ number: Int) -> String {
        var writer = MemberWriter()
        writer.write(input.partitions[number], number)
        return writer.text
    }

    /// - Returns: nil if the text is not a checkpoint of this format.
    package init?(text: String) {
        do throws(CheckpointTextError) { try self.init(parsing: text) } catch { return nil }
    }

    /// Reads a text in time linear in its length. Unknown members are ignored, except that the checksum covers them.
    ///
    /// - Parameter texts: the parts of the partitions, in order; nil if one text contains all parts.
    package init(parsing text: String, partitions texts: [String]? = nil) throws(CheckpointTextError) {
        self.init()
        let members = try ControlJSON.members(of: text)
        var count = 0
        let table = try MemberTable(members, columns: Self.columns)
        var reader = table.reader()
        visit(&reader, partitionCount: &count)
        try reader.finish()
        let most = texts?.count ?? members.count / PartitionCheckpoint.requiredCount
        guard count > 0, count <= most else { throw .member("partitions") }
        var checksum = CheckpointChecksum()
        checksum.add(members)
        var memberCount = members.count
        if let texts {
            input.partitions = []
            for (number, text) in texts.prefix(count).enumerated() {
                let members = try ControlJSON.members(of: text)
                input.partitions += try PartitionCheckpoint.read(members, number..<(number + 1))
                checksum.add(members)
                memberCount += members.count
            }
        } else {
            input.partitions = try PartitionCheckpoint.read(members, 0..<count)
        }
        // No known member is there twice, and of those of partitions none is missing that must be there.
        let optional = input.partitions.reduce(0) { $0 + $1.optionalCount }
        try checksum.check(
            hasUnknown: memberCount > table.memberCount + count * PartitionCheckpoint.requiredCount + optional)
    }

    fileprivate static let columns = memberColumns { visitor in
        var (checkpoint, count) = (Checkpoint(), 0)
        // Otherwise, it would not be written.
        checkpoint.output.rejectsMark = 1
        checkpoint.tables = [TableCheckpoint()]
        checkpoint.stages = [StageStart()]
        checkpoint.visit(&visitor, partitionCount: &count)
    }

    /// The members in the order of the text.
    fileprivate mutating func visit(_ visitor: inout some MemberVisitor, partitionCount: inout Int) {
        visitor.constant("format", 1)
        visitor.count("rows_after", &output.rowsAfter)
        visitor.boolean("closing", &output.isClosing)
        visitor.boolean("finished", &output.isFinished)
        visitor.count("held_back", &input.heldBack)
        visitor.integer("watermark", &time.watermark)
        visitor.integer("restart_watermark", &time.restartWatermark)
        visitor.count("output_start", &output.start)
        visitor.count("output_at", &output.committedLength)
        visitor.count("output", &output.length)
        visitor.count("rejects", &output.rejectsLength)
        visitor.optional("rejects_file", &output.rejectsMark)
        visitor.text("cluster", &input.cluster)
        visitor.tables("tables", &tables)
        visitor.stages("stages", &stages)
        visitor.count("partitions", &partitionCount)
    }
}

extension PartitionCheckpoint {
    fileprivate static let columns = memberColumns { visitor in
        var partition = PartitionCheckpoint()
        // Otherwise, it would not be written.
        partition.generations = [GenerationCheckpoint()]
        partition.windowStart = InputPosition(input: 1, position: 1)
        partition.visit(&visitor)
    }

    /// The members that are there in any case.
    fileprivate static let requiredCount = memberColumns { visitor in
        var partition = PartitionCheckpoint()
        partition.visit(&visitor)
    }.count

    /// How many of the others are there.
    fileprivate var optionalCount: Int {
        (generations.isEmpty ? 0 : 1) + (windowStart.input == 0 ? 0 : 1) + (windowStart.position == 0 ? 0 : 1)
    }

    /// The partitions with these numbers.
    fileprivate static func read(
        _ members: [ControlJSON.Member], _ numbers: Range<Int>
    ) throws(CheckpointTextError) -> [PartitionCheckpoint] {
        let table = try MemberTable(members, columns: columns, numbers: numbers)
        var partitions: [PartitionCheckpoint] = []
        partitions.reserveCapacity(numbers.count)
        for number in numbers {
            var partition = PartitionCheckpoint()
            var reader = table.reader(number)
            partition.visit(&reader)
            try reader.finish()
            guard partition.restart <= partition.committed else { throw .member("low_\(number)") }
            guard partition.windowStart <= partition.committed, partition.windowStart.position >= 0 else {
                throw .member("windows_\(number)")
            }
            partition.restartState.input = partition.restart.input
            partitions.append(partition)
        }
        return partitions
    }

    /// The members in the order of the text.
    fileprivate mutating func visit(_ visitor: inout some MemberVisitor) {
        visitor.text("name", &committedChecksum.name)
        visitor.count("at_input", &committed.input)
        visitor.count("at", &committed.position)
        visitor.integer("at_hash", &committedChecksum.hash)
        var record = Int64(committedChecksum.offset)
        visitor.integer("at_record", &record)
        committedChecksum.offset = Int(record)
        visitor.integer("latest", &latest)
        visitor.text("low_name", &restartChecksum.name)
        visitor.count("low_input", &restart.input)
        visitor.count("low", &restart.position)
        visitor.integer("low_hash", &restartChecksum.hash)
        visitor.integer("low_watermark", &restartState.watermark)
        visitor.integer("low_latest", &restartState.latest)
        visitor.boolean("low_punctuated", &restartState.isPunctuated)
        visitor.anchor("low_unit", &restartState.yearAnchor)
        visitor.count("low_lines", &restartState.lines)
        var (windowInput, window) = (Int64(windowStart.input), Int64(windowStart.position))
        visitor.optional("windows_input", &windowInput)
        visitor.optional("windows", &window)
        windowStart = InputPosition(input: Int(windowInput), position: Int(window))
        visitor.generations("generations", &generations)
    }
}

extension MemberWriter {
    fileprivate mutating func write(_ checkpoint: Checkpoint) {
        var (checkpoint, count) = (checkpoint, checkpoint.input.partitions.count)
        suffix = ""
        checkpoint.visit(&self, partitionCount: &count)
    }

    fileprivate mutating func write(_ partition: PartitionCheckpoint, _ number: Int) {
        var partition = partition
        suffix = "_\(number)"
        partition.visit(&self)
    }
}
