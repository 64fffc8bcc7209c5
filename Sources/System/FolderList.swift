import Glibc

/// The names of the entries of a folder, in no order.
package func folderEntries(_ path: String) throws(FileError) -> [String] {
    // A C string would end at the NUL and name a different folder.
    guard !path.utf8.contains(0) else { throw .missing }
    guard let folder = opendir(path.isEmpty ? "." : path) else { throw FileError() }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// The names that match a pattern of the shell, sorted; none if nothing matches.
package func namesMatching(_ pattern: String) -> [String] {
    guard !pattern.utf8.contains(0) else { return [] }
    var list = glob_t()
    defer { globfree(&list) }
    guard glob(pattern, 0, nil, &list) == 0, let paths = list.gl_pathv else { return [] }
    return (0..<Int(clamping: list.gl_pathc)).compactMap { number in paths[number].map { String(cString: $0) } }
}

/// Splits a path into its folder, which ends with a slash or is empty, and the name in it.
package func splitPath(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
}

/// The path of a file without symbolic links; nil if there is none.
package func realPath(_ path: String) -> String? {
    guard !path.utf8.contains(0), let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
}

/// Whether a path matches a pattern of the shell.
package func matchesPattern(_ path: String, _ pattern: String) -> Bool { fnmatch(pattern, path, FNM_PATHNAME) == 0 }

/// Whether the path names a directory.
package func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
