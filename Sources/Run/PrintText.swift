import Files
import Plan
import StreamEngine
import System

/// Prints a text that the user asked for, such as the help.
package func printText(_ text: String, _ format: OutputFormat? = nil) -> ExitOutcome {
    var sink = ByteSink.standardOutput()
    sink.form = format == .json ? .json : .visible
    var buffer = ByteBuffer()
    buffer.append(text)
    do throws(RunError) {
        try buffer.withBytes { bytes throws(RunError) in try sink.write(bytes) }
        try sink.close()
        return ExitOutcome(.done)
    } catch {
        return Diagnostics.ending(of: error)
    }
}
