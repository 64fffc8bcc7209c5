import Plan
import StreamEngine

extension Plan {
    /// The inputs: as they are named, or followed.
    static func input(
        _ flags: Arguments, _ environment: PlanEnvironment
    ) throws(UsageError) -> any InputSpec {
        let named = try environment.input(flags.inputs)
        guard flags.input.follow else {
            let given = [
                ("--from-end", flags.input.fromEnd), ("--rotated", !flags.input.rotated.isEmpty),
                ("--on-gap", flags.input.onGap != nil),
            ]
            if let flag = given.first(where: { $0.1 }) {
                throw UsageError("\(flag.0) applies only to followed files; add --follow")
            }
            return named
        }
        guard let files = named as? FileInputs else {
            throw UsageError("--follow is for files; \(named.noun) is read as its records come: remove --follow")
        }
        guard !flags.inputs.isEmpty, !files.paths.contains("-") else {
            throw UsageError(
                "--follow requires the names of files; standard input is read as it comes: "
                    + (flags.inputs.isEmpty ? "name a file, or remove --follow" : "remove -, or --follow"))
        }
        var followed = FollowedFiles(files.paths)
        followed.startsAtEnd = flags.input.fromEnd
        followed.rotated = flags.input.rotated
        if let text = flags.input.onGap {
            guard let policy = FollowedFiles.GapPolicy(rawValue: text) else {
                throw UsageError("--on-gap '\(text)': use fail, or skip to go on without what is gone")
            }
            followed.onGap = policy
        }
        return followed
    }
}
