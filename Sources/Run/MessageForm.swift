import Plan
import StreamEngine
import System

/// How messages are written to standard error.
package enum MessageForm {
    /// Priorities for the journal of systemd, if standard error is that.
    package static func prepare() {
        guard StandardStreams.errorIsJournal else { return }
        StandardStreams.messageForm = { line, level in "<\(level.rawValue)>\(line)" }
    }

    /// The form that a plan asks for.
    package static func use(_ format: LogFormat) {
        guard format == .json else { return }
        StandardStreams.messageForm = { line, level in json(line, level, at: wallClock()) }
    }

    /// A line as a JSON object.
    static func json(_ line: Substring, _ level: MessageLevel, at time: Int64) -> String {
        let prefix = "streamctl: "
        let text = line.hasPrefix(prefix) ? line.dropFirst(prefix.count) : line
        var buffer = ByteBuffer(capacity: 256)
        buffer.append("{\"ts\":" as StaticString)
        buffer.append(json: Value(time: time))
        buffer.append(",\"level\":\"\(level)\",\"msg\":")
        buffer.append(quotedName: String(text))
        buffer.append("}")
        return buffer.text
    }
}
