import StreamEngine
import System

/// The file of a table while workers read it: they take turns at reading batches and at adding rows, and scan in parallel.
///
/// Unchecked: what each lock protects is named below.
final class LookupReading: @unchecked Sendable {
    private let loader: LookupLoader

    private let reading = Monitor()
    // Under `reading`.
    private var source: FileSource
    private var readCount = 0
    private var isRead = false
    private var columns: LookupColumns?

    private let adding = Monitor()
    // Under `adding`: the number of batches whose rows were added, and why no more are.
    private var addedCount = 0
    private var failure: RunError?

    init(_ loader: LookupLoader, _ source: consuming FileSource) {
        self.loader = loader
        self.source = source
    }

    /// The table, after all workers have ended.
    ///
    /// - Parameter crew: the threads that make it.
    func finish(_ crew: any Crew) throws(RunError) -> LookupTable {
        guard let failure else { return try loader.finish(crew) }
        if failure.kind != .interrupted { try loader.checkKeys(crew) }
        throw failure
    }

    /// What a worker has read: the number of the batch, its format and columns, or a problem.
    private typealias Part = (number: Int, result: Result<(format: InputFormat, columns: LookupColumns), RunError>)

    /// Works until all of the file is read.
    func work() {
        var batch = Batch()
        var scanner = loader.makeScanner()
        while let part = read(&batch) {
            if case .success(let found) = part.result { scanner.scan(&batch, as: found.format, found.columns) }
            guard add(part, &scanner, &batch) else { return }
        }
    }

    /// The next batch; nil after the last one.
    private func read(_ batch: inout Batch) -> Part? {
        reading.lock()
        defer { reading.unlock() }
        while !isRead {
            do throws(RunError) {
                switch try readEvent(&batch) {
                case .lines:
                    let format = source.format
                    if let first = try loader.begin(batch, as: format) { columns = first }
                    guard let columns else { return nil }
                    readCount += 1
                    return (readCount - 1, .success((format, columns)))
                case .end: isRead = true
                case .quiet: continue
                case .interrupted: throw RunError(.interrupted, "stopped while reading lookup \(loader.path)")
                }
            } catch {
                isRead = true
                return (readCount, .failure(error))
            }
        }
        return nil
    }

    private func readEvent(_ batch: inout Batch) throws(RunError) -> SourceEvent {
        do throws(RunError) {
            return try source.read(into: &batch, deadline: nil)
        } catch {
            guard error.kind == .damagedInput else { throw RunError(error.kind, "lookup \(error.text)") }
            // What else it says is about inputs.
            let problem = error.text.prefix { $0 != ";" }
            throw .badInput("lookup \(problem); a table must be whole (is it still being written?)")
        }
    }

    /// Adds the rows of a batch after those of all batches before it.
    ///
    /// - Returns: whether to go on.
    private func add(_ part: Part, _ scanner: inout LookupScanner, _ batch: inout Batch) -> Bool {
        adding.lock()
        defer { adding.unlock() }
        while addedCount != part.number, failure == nil { adding.wait() }
        guard failure == nil else { return false }
        do throws(RunError) {
            try loader.take(&scanner, &batch, as: part.result.get().format)
        } catch {
            failure = error
        }
        addedCount += 1
        adding.notifyAll()
        return failure == nil
    }
}
