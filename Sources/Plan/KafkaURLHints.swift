import StreamEngine

/// What users of other tools write in the options of a topic.
enum KafkaURLHint {
    private static let options = [
        "from": "start", "begin": "start", "offset": "start", "offsets": "start", "auto.offset.reset": "start",
        "since": "start", "startingoffsets": "start", "to": "until", "end": "until", "stop": "until",
        "endingoffsets": "until", "group.id": "group", "groupid": "group", "group_id": "group", "consumer": "group",
        "consumer-group": "group", "partition": "partitions",
    ]
    private static let starts = [
        "earliest": "beginning", "smallest": "beginning", "oldest": "beginning", "first": "beginning",
        "begin": "beginning", "start": "beginning", "latest": "end", "largest": "end", "newest": "end", "last": "end",
        "now": "end", "committed": "stored", "group": "stored", "resume": "stored",
    ]

    /// Words that follow the list of options; empty if nothing is known about the name.
    static func option(_ name: String) -> String {
        let small = name.lowercased()
        if ["from-beginning", "frombeginning"].contains(small) { return "; did you mean start=beginning?" }
        let known = ["start", "until", "partitions", "group"]
        if known.contains(name) { return "" }
        let near = options[small] ?? Spelling.nearest(to: name, among: known)
        let values = ["start": "beginning", "until": "end", "partitions": "0-3", "group": "NAME"]
        return near.map { "; did you mean \($0), such as \($0)=\(values[$0] ?? "")?" } ?? ""
    }

    /// Words that follow the list of values of `start` or `until`.
    static func value(_ text: String, of option: String) -> String {
        let small = text.lowercased()
        if option == "start", let word = starts[small] { return "; did you mean start=\(word)?" }
        if option == "until", starts[small] == "end" { return "; did you mean until=end?" }
        if KafkaURL.time(text) != nil { return "; a time starts with @: \(option)=@\(text)" }
        if option == "start", (try? DurationText.parse(text)) != nil { return "; for that long ago, start=-\(text)" }
        return ""
    }
}
