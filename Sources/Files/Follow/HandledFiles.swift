import Plan
import StreamEngine
import System

/// The files that were rotated away from a name and are not to be read: they are generations already, or were there before
/// the first one.
struct HandledFiles {
    /// What was in a file that was not compressed when it was listed.
    private struct Content {
        var end: Int
        var hash: Int64
        /// Whether it is more than a header that other files may have, too.
        var isDistinctive: Bool
    }

    private var files: [InodeMark: Content?] = [:]
    /// Of files that were not there at the last listing: compressed, perhaps.
    private var gone: [Content] = []
    private static let mostGone = 100

    init() {}

    init(_ files: some Sequence<RotatedFile>) { add(files) }

    mutating func add(_ files: some Sequence<RotatedFile>) {
        for file in files { self.files[file.mark] = .some(Self.content(of: file)) }
    }

    mutating func remove(_ mark: InodeMark) { files[mark] = nil }

    /// Replaces the files by those that are there, and remembers the contents of the others.
    mutating func replace(with present: some Sequence<RotatedFile>, in listing: RotatedListing) {
        gone = contents(besides: listing).suffix(Self.mostGone)
        files = [:]
        add(present)
    }

    /// What was in files that are not in a listing.
    private func contents(besides listing: RotatedListing) -> [Content] {
        let there = Set(listing.files.map(\.mark))
        return gone + files.compactMap { there.contains($0) ? nil : $1 }
    }

    func contains(_ file: RotatedFile) -> Bool { files[file.mark] != nil }

    /// Whether a compressed file has the content of a file that is gone.
    ///
    /// - Parameter written: whether it was written after the files were listed, as far as times of files tell.
    func compressed(
        _ file: RotatedFile, _ finder: GenerationFinder, in listing: RotatedListing, written: Bool
    ) throws(RunError) -> Bool {
        for content in contents(besides: listing) where content.end > 0 {
            guard try finder.holds(file, end: content.end, hash: content.hash) else { continue }
            if content.isDistinctive || !written { return true }
            if try finder.whole(file)?.position == content.end { return true }
        }
        return false
    }

    private static func content(of file: RotatedFile) -> Content? {
        guard !file.isCompressed, let size = file.opened.descriptor.size,
            let proof = try? ContentProof(file.opened.descriptor, size)
        else { return nil }
        return Content(end: proof.position, hash: proof.hash, isDistinctive: proof.hasTwoLines)
    }
}
