import Plan
import StreamEngine
import System

extension ReadError {
    /// What ends the run.
    ///
    /// - Parameters:
    ///   - name: the input, as messages call it.
    ///   - droppedBytes: bytes of a line whose end did not come.
    ///   - isJob: nothing of the damaged member was read.
    func ending(_ name: String, droppedBytes: Int = 0, isJob: Bool = false) -> RunError {
        switch self {
        case .file(.interrupted): RunError(.interrupted, "stopped while reading \(name)")
        case .file(let error): .noInput("\(name): \(error.reason)")
        case .noMemory: .noInput("\(name): there is no memory to decompress it")
        case .library(let compression, let reason):
            .unavailable(
                "\(name) is \(compression.name) data, which requires \(reason); or run \(compression.pipe(name))")
        case .compressed(let defect):
            RunError(
                defect.problem == .member(.memoryLimit) ? .badData : .damagedInput,
                "\(name): \(defect.text(name, droppedBytes: droppedBytes, isJob: isJob))")
        }
    }
}

extension CompressedDefect {
    fileprivate func text(_ name: String, droppedBytes: Int, isJob: Bool) -> String {
        let data = "the \(compression.name) data"
        let dropped = droppedBytes > 0 ? ", except its incomplete last line (\(droppedBytes) bytes)" : ""
        let before =
            isJob
            ? "the job has read nothing from byte \(verified) of the decompressed data on; run it again when the file is "
                + "complete"
            : "what came before was read\(dropped)"
        switch problem {
        case .cut: return "\(data) ends too early, at byte \(offset) of the file; \(before)"
        case .member(.damaged(let reason)):
            let doubt =
                isJob
                ? "" : ", but may be wrong" + (verified > 0 ? " from byte \(verified) of the decompressed data on" : "")
            return "\(data) is damaged at byte \(offset) of the file (\(reason)); \(before)\(doubt)"
        case .member(.memoryLimit):
            return "decompressing it takes more than \(DecodingError.mostMemory >> 20) MiB of memory; run "
                + compression.pipe(name, anyWindow: true)
        case .member(.memory): return "there is no memory to decompress it"
        case .foreignEnd:
            let remedy = Shell.pipe("head -c \(offset)", reading: name)
            return
                "after the end of \(data), at byte \(offset) of the file, there is something else; what came before was "
                + "read\(dropped); to leave the rest out: \(remedy)"
        }
    }
}

extension Compression {
    /// The pipe that reads a file without our decompressing it.
    ///
    /// - Parameter anyWindow: also if it needs much memory.
    fileprivate func pipe(_ name: String, anyWindow: Bool = false) -> String {
        Shell.pipe(command + (anyWindow && self == .zstd ? " --long=31" : ""), reading: name)
    }
}
