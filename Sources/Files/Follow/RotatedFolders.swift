import System

/// The names from which files in the same folder may have been rotated away. Lists each folder once, for all names in it.
struct RotatedFolders {
    private var originals: [String: Set<String>] = [:]

    /// Whether its folder had no file that may have been rotated away from this name. A file that has come since is a
    /// change of the folder.
    ///
    /// - Returns: false also where the folder alone does not tell: with `--rotated`, or for a link to a file that has
    ///   another name.
    mutating func hasNone(of name: String, _ rotated: RotatedFiles) -> Bool {
        let (folder, base) = splitPath(name)
        guard rotated.patterns.isEmpty, let target = realPath(name), splitPath(target).name == base
        else { return false }
        if let known = originals[folder] { return !known.contains(base) }
        guard let entries = try? folderEntries(folder) else { return false }
        let found = Set(entries.flatMap { RotatedName.readings(of: $0).map(\.original) })
        originals[folder] = found
        return !found.contains(base)
    }

    /// Lists the folders once more when they are needed.
    mutating func forget() { originals.removeAll() }
}
