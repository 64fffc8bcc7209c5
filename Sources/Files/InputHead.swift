import StreamEngine
import System

/// The first bytes of inputs, by which their formats are decided.
package enum InputHead {
    /// The most bytes that are looked at, after decompression.
    static let most = 64 * 1024

    /// How to read an input; nil if that cannot be seen yet, or if it cannot be read in the format that was asked for.
    ///
    /// What is read of standard input and of pipes is kept for the source, which opens them next.
    ///
    /// - Parameter mayWait: whether to wait for the first records of a pipe.
    package static func format(
        of path: String, _ plan: FormatPlan, decompresses: Bool, mayWait: Bool
    ) -> InputFormat? {
        let choice = FormatChoice(plan)
        if regularFileSize(path) != nil {
            let head = bytes(of: path, decompresses: decompresses)
            return (try? choice.format(head, path: path, isWhole: true)) ?? nil
        }
        guard mayWait || path == "-" && standardInputSize() != nil else { return nil }
        return InputsRead.shared.format(of: path, choice, decompresses: decompresses)
    }

    /// The first bytes of a regular file; fewer if it is shorter, none if it cannot be read.
    package static func bytes(of path: String, decompresses: Bool) -> [UInt8] {
        // Opening a FIFO would break its writer.
        regularFileSize(path) == nil ? [] : FileContent(path: path, decompresses: decompresses).head(most)
    }
}

/// The inputs of which something was read before the source opens them.
final class InputsRead: @unchecked Sendable {
    static let shared = InputsRead()

    private let state = Monitor()
    private var streams: [String: Opened] = [:]

    private final class Opened {
        var stream: ContentStream
        init(_ stream: consuming ContentStream) { self.stream = stream }
    }

    /// Reads the first bytes of standard input or a pipe until they show its format. What it cannot read is left to the
    /// source, which reports it.
    func format(of path: String, _ choice: FormatChoice, decompresses: Bool) -> InputFormat? {
        state.lock()
        defer { state.unlock() }
        guard streams[path] == nil, let file = try? FileSource.open(path) else { return nil }
        let opened = Opened(ContentStream(file, decompresses: decompresses))
        streams[path] = opened
        var isWhole = false
        while !isWhole {
            if let descriptor = opened.stream.waitsFor {
                guard wait(for: descriptor, interrupt: .process, deadline: nil) == .ready else { return nil }
            }
            guard let isLonger = try? opened.stream.readAhead(upTo: InputHead.most) else { return nil }
            isWhole = !isLonger
            let decided = try? choice.format(opened.stream.ahead, path: path, isWhole: isWhole)
            if let decided { return decided }
        }
        return nil
    }

    /// The stream of an input of which something was read; nil if nothing was.
    func take(_ path: String) -> ContentStream? {
        state.lock()
        defer { state.unlock() }
        guard let opened = streams.removeValue(forKey: path) else { return nil }
        var taken = ContentStream(.none, decompresses: false)
        swap(&opened.stream, &taken)
        return taken
    }
}
