import Plan
import StreamEngine
import System

/// Finds the files that may hold older contents of a followed name.
struct RotatedFiles: Sendable {
    /// A file that may be an older generation.
    struct Candidate {
        var path: String
        /// Nil if its name does not say.
        var age: RotatedName.Age?
        var isCompressed: Bool
        /// When it was last written, microseconds since 1970.
        var written: Int64
    }

    /// Patterns of `--rotated`; none: files with usual names in the folder of the name.
    let patterns: [String]
    /// Whether every file that matches a pattern belongs to the name, because there is only one.
    let takesAll: Bool

    /// A file may be written for so long, in microseconds, after it was renamed.
    private static let writerDelay: Int64 = 60_000_000

    /// The files that exist now, oldest first. Where a file has just been compressed, only the original counts.
    func candidates(of name: String) -> [Candidate] {
        var found = patterns.isEmpty ? usual(name) : named(name)
        // A name that is a symbolic link: what it pointed to before has a name like what it points to now.
        if patterns.isEmpty, let target = realPath(name), splitPath(target).name != splitPath(name).name {
            let age = RotatedName.readings(of: splitPath(target).name)
                .first { $0.original == splitPath(name).name }?.age
            // What it will point to next may be there already.
            if let age { found.removeAll { $0.age.map { age.isOlder(than: $0) } ?? false } }
            let known = Set(found.compactMap { FileIdentity(ofFile: $0.path) })
            found += siblings(of: target).filter { candidate in
                FileIdentity(ofFile: candidate.path).map { !known.contains($0) } ?? false
            }
        }
        return Self.sorted(Self.withoutCopies(found))
    }

    private func usual(_ name: String) -> [Candidate] {
        let (folder, base) = splitPath(name)
        return Self.entries(folder, of: base)
    }

    /// The files with the same original name as the target of a link, without the target.
    private func siblings(of target: String) -> [Candidate] {
        let (folder, base) = splitPath(target)
        return RotatedName.readings(of: base).flatMap { reading in
            Self.entries(folder, of: reading.original).filter { candidate in
                candidate.path != target && candidate.age?.isOlder(than: reading.age) ?? false
            }
        }
    }

    private static func entries(_ folder: String, of original: String) -> [Candidate] {
        ((try? folderEntries(folder)) ?? []).compactMap { entry in
            guard entry.utf8.count > original.utf8.count,
                let reading = RotatedName.readings(of: entry).first(where: { $0.original == original })
            else { return nil }
            return candidate(folder + entry, reading)
        }
    }

    private func named(_ name: String) -> [Candidate] {
        let base = splitPath(name).name
        return Set(patterns.flatMap(namesMatching)).compactMap { path in
            let entry = splitPath(path).name
            if path == name { return nil }
            if let reading = RotatedName.readings(of: entry).first(where: { $0.original == base }) {
                return Self.candidate(path, reading)
            }
            guard takesAll || entry.hasPrefix(base), regularFileSize(path) != nil,
                let written = modificationTime(path)
            else { return nil }
            return Candidate(path: path, age: nil, isCompressed: false, written: written)
        }
    }

    private static func candidate(_ path: String, _ reading: RotatedName) -> Candidate? {
        guard regularFileSize(path) != nil, let written = modificationTime(path) else { return nil }
        return Candidate(path: path, age: reading.age, isCompressed: reading.isCompressed, written: written)
    }

    private static func withoutCopies(_ all: [Candidate]) -> [Candidate] {
        all.filter { candidate in
            guard candidate.isCompressed, let age = candidate.age else { return true }
            let folder = splitPath(candidate.path).folder
            return !all.contains { !$0.isCompressed && $0.age == age && splitPath($0.path).folder == folder }
        }
    }

    /// By their names if these can be compared, else by the time of the last write.
    private static func sorted(_ all: [Candidate]) -> [Candidate] {
        guard areComparable(all) else { return all.sorted { $0.written < $1.written } }
        return all.sorted { left, right in
            guard let age = left.age, let other = right.age else { return false }
            return age.isOlder(than: other)
        }
    }

    private static func areComparable(_ all: [Candidate]) -> Bool {
        guard let first = all.first?.age else { return all.isEmpty }
        return all.allSatisfy { $0.age?.isComparable(to: first) ?? false }
    }

    /// Checks that files in the order of their names were also written in this order.
    ///
    /// - Throws: `noInput` if not.
    static func checkTimes(_ chain: [Candidate]) throws(RunError) {
        for (older, newer) in zip(chain, chain.dropFirst()) where older.written > newer.written + writerDelay {
            throw .noInput(
                "\(older.path) is older than \(newer.path) by its name, but was written later: what was rotated "
                    + "cannot be put in order; rename the files, or read them without --follow")
        }
    }
}
