/// Where a flag belongs on a command line with several stages.
enum FlagScope {
    /// The first stage, which reads the input.
    case input
    /// Any stage: what it computes.
    case stage
    /// The last stage, but not another one: what is written when.
    case last
    /// The whole run, so that it can be in any stage.
    case run
}

extension FlagEntry {
    var scope: FlagScope {
        switch name {
        case "rejects", "strict", "kafka-option", "decompress": return .run
        case "watermark", "idle", "max-ahead": return .input
        case "digits", "sort", "limit", "rank", "fill", "fill-all": return .stage
        case "early", "punctuate": return .last
        default: break
        }
        return switch section {
        case .input: .input
        case .time, .windows, .grouping, .expressions, .aggregates: .stage
        case .output, .delivery, .reporting, .other: .run
        }
    }
}
