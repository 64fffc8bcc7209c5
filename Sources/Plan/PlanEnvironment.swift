import StreamEngine

/// Everything a plan needs from the system, so that making a plan has no side effects.
package struct PlanEnvironment {
    /// The kinds of input, in the order in which they are tried; the last one accepts any text.
    package var inputs: [any InputSpec.Type]
    /// The kinds of output, in the order in which they are tried; the last one accepts any text.
    package var outputs: [any OutputSpec.Type]
    /// Whether any of the files (`-` is standard input) may still be written: a pipe, a socket or a terminal.
    package var isLive: ([String]) -> Bool
    package var standardInputIsTerminal: Bool
    package var standardOutputIsTerminal: Bool
    /// Whether there is no file of that name.
    package var isMissing: (String) -> Bool
    /// How the records of a file, or of a pipe for whose first records it may wait, are to be read; nil if unknown.
    package var formatOfInput: (_ path: String, FormatPlan, _ decompresses: Bool, _ mayWait: Bool) -> InputFormat?
    /// The file whose first records show the format of a followed name; nil if there is none yet.
    package var sampleOfFollowed: (String) -> String?
    /// What the first records of a file show, for messages; nil if that is nothing of use.
    package var hintOfInput: (_ path: String, FormatPlan, _ decompresses: Bool) -> InputHint?
    /// The names of all time zones.
    package var zoneNames: () -> [String]
    /// The offsets of a named time zone; nil if there is none of that name. Throws if the system's file of it is damaged.
    package var zone: (String) throws(UsageError) -> ZoneOffsets?

    package init(
        inputs: [any InputSpec.Type], outputs: [any OutputSpec.Type], isLive: @escaping ([String]) -> Bool,
        standardInputIsTerminal: Bool, standardOutputIsTerminal: Bool = false,
        isMissing: @escaping (String) -> Bool = { _ in false },
        formatOfInput: @escaping (String, FormatPlan, Bool, Bool) -> InputFormat? = { _, _, _, _ in nil },
        sampleOfFollowed: @escaping (String) -> String? = { $0 },
        hintOfInput: @escaping (String, FormatPlan, Bool) -> InputHint? = { _, _, _ in nil },
        zoneNames: @escaping () -> [String] = { [] },
        zone: @escaping (String) throws(UsageError) -> ZoneOffsets?
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.isLive = isLive
        self.standardInputIsTerminal = standardInputIsTerminal
        self.standardOutputIsTerminal = standardOutputIsTerminal
        self.isMissing = isMissing
        self.formatOfInput = formatOfInput
        self.sampleOfFollowed = sampleOfFollowed
        self.hintOfInput = hintOfInput
        self.zoneNames = zoneNames
        self.zone = zone
    }

    /// Parses the INPUTs; without any, the input is standard input.
    package func input(_ texts: [String]) throws(UsageError) -> any InputSpec {
        let texts = texts.isEmpty ? ["-"] : texts
        for kind in inputs {
            if let input = try kind.parse(texts) { return input }
        }
        throw UsageError("\(texts[0]) is not an input")
    }

    /// Parses `--output`; nil is standard output.
    package func output(_ text: String?) throws(UsageError) -> any OutputSpec {
        for kind in outputs {
            if let output = try kind.parse(text ?? "-") { return output }
        }
        throw UsageError("--output \(text ?? "-") is not an output")
    }
}

/// What the first records of an input show, for a message that says what is missing.
package enum InputHint: Equatable {
    /// The fields that hold times, as they are written after `--time`.
    case times([String])
    /// No format reads it; with what it is, and what reads it.
    case foreign(String)
}
