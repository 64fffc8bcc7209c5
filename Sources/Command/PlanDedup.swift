import Plan
import StreamEngine

extension Plan {
    /// `--dedup` and `--within`. Requires the event time.
    static func dedup(
        _ flags: ExpressionArguments, _ query: Query, isLive: Bool
    ) throws(UsageError) -> Deduplication? {
        guard !flags.dedup.isEmpty else {
            if let within = flags.within {
                throw UsageError("--within \(within) requires the key of duplicates; add --dedup FIELD")
            }
            return nil
        }
        var fields: [FieldPath] = []
        for text in flags.dedup {
            for item in try dedupItems(text) {
                guard let field = item.expression.plainField else {
                    throw UsageError(
                        "--dedup '\(text)': only fields; compute one first: "
                            + "--let '\(item.name)=\(item.expression.text)' --dedup \(item.name)")
                }
                guard item.name == item.expression.defaultName else {
                    throw UsageError("--dedup '\(text)': the key needs no name; write --dedup \(field.text)")
                }
                fields.append(field)
            }
        }
        let names = flags.dedup.joined(separator: ",")
        guard let text = flags.within else {
            guard !isLive else {
                throw UsageError(
                    "--dedup \(names) would keep every key of a live input for ever; add --within DUR, such as "
                        + "--within 1h" + (query.time == nil ? " with -t FIELD" : "")
                        + ": records are duplicates if their times are at most that far apart")
            }
            return Deduplication(fields: fields)
        }
        let within = try Durations.length(text, of: "--within")
        guard within <= Deduplication.longest else {
            throw UsageError("--within \(text) is too long; remove it to search all of the input")
        }
        guard query.time != nil else {
            throw UsageError(
                "--within \(text) compares event times; add --time FIELD"
                    + (isLive
                        ? ", or --time @arrival for the time of reading"
                        : ", or remove --within to search all of the input"))
        }
        return Deduplication(fields: fields, within: within)
    }
}

extension Plan {
    private static func dedupItems(_ text: String) throws(UsageError) -> [NamedExpression] {
        do throws(UsageError) {
            return try keyItems(text, of: "--dedup", purpose: "that identify a record, such as --dedup id")
        } catch {
            guard let expression = try? Expression.parse(text), expression.plainField == nil else { throw error }
            throw UsageError("--dedup '\(text)': not a field; compute one first: --let 'key=\(text)' --dedup key")
        }
    }

    func explainDedup(_ page: inout ExplainPage) {
        guard let dedup = query.dedup else { return }
        let keys = dedup.fields.map(\.text).joined(separator: ", ")
        guard let within = dedup.within else {
            page.add(
                "Dedup",
                "the first record of each \(keys) is kept, later ones are dropped (--dedup); every key takes about 24 bytes"
            )
            if job != nil { page.add("", "The next run reads the whole input again to know its keys.") }
            return
        }
        let text = DurationText.text(within)
        page.add(
            "Dedup",
            "a record is dropped if one of the same \(keys) with an event time at most \(text) away was accepted before it "
                + "(--dedup, --within)")
        if input.isPartitioned {
            page.add("", "Each \(input.partitionNoun) is searched by itself, with a watermark of its own.")
        }
        page.add(
            "",
            query.watermarkDelay == nil
                ? "Without a watermark, all keys are kept until the input ends, about 42 bytes each; --watermark drops them "
                    + "earlier."
                : "A record more than \(text) older than the watermark is late. A key takes about 42 bytes until the watermark "
                    + "is \(DurationText.text(2 * within)) beyond its time.")
        guard job != nil else { return }
        page.add(
            "",
            query.watermarkDelay == nil
                ? "The next run reads the whole input again to know its keys."
                : "The next run also reads what it needs to know the keys again: at least \(DurationText.text(2 * within)), and "
                    + "for a key that comes again and again within \(text), back to its first record. For such keys, windows "
                    + "by \(keys) (-g) need less.")
    }
}
