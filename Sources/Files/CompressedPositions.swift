import StreamEngine
import System

/// What the source knows about positions in compressed files, and the checkpoints and messages of a run need.
///
/// Unchecked: the fields are used under `state` only.
final class CompressedPositions: @unchecked Sendable {
    private let state = Monitor()
    private var hashes: [InputPosition: Int64] = [:]
    private var last: (input: Int, bytes: Int)?

    /// Notes the end of what was read.
    ///
    /// - Parameters:
    ///   - hash: its `PositionHash`; nil if it is not needed.
    ///   - bytes: bytes of the file that were decompressed for it.
    func note(_ position: InputPosition, hash: Int64?, compressed bytes: Int) {
        state.lock()
        if let hash { hashes[position] = hash }
        last = (position.input, bytes)
        state.unlock()
    }

    /// The `PositionHash`; nil for a position that was not noted, or is forgotten.
    func hash(_ position: InputPosition) -> Int64? {
        state.lock()
        defer { state.unlock() }
        return hashes[position]
    }

    /// Forgets positions that no later checkpoint has.
    func forget(before position: InputPosition) {
        state.lock()
        hashes = hashes.filter { $0.key >= position }
        state.unlock()
    }

    /// The bytes of a file that were decompressed; nil if it is not compressed, or not being read.
    func compressedBytes(ofInput input: Int) -> Int? {
        state.lock()
        defer { state.unlock() }
        return last.flatMap { $0.input == input ? $0.bytes : nil }
    }
}
