import Glibc

/// The size of a regular file in bytes; nil if there is none of that name.
package func regularFileSize(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return status.st_size
}

/// The time of the last change of a file, microseconds since 1970; nil if there is none of that name.
package func modificationTime(_ path: String) -> Int64? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
}

/// The size in bytes of the file that standard output is redirected to; nil if it is not a file.
package func standardOutputSize() -> Int? {
    var status = stat()
    guard fstat(STDOUT_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return status.st_size
}

/// The size in bytes of the file that standard input is redirected from; nil if it is not a file.
package func standardInputSize() -> Int? {
    var status = stat()
    guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return status.st_size
}

/// Whether anything of that name exists.
package func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0
}

/// Whether this is the name of a FIFO.
func isFIFO(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
}

/// Whether both names refer to the same regular file, so that writing one would destroy the other.
/// `-` is standard input or standard output.
package func isSameFile(input: String, output: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard (input == "-" ? fstat(STDIN_FILENO, &first) : stat(input, &first)) == 0,
        (output == "-" ? fstat(STDOUT_FILENO, &second) : stat(output, &second)) == 0
    else { return false }
    return first.st_mode & S_IFMT == S_IFREG && first.st_dev == second.st_dev && first.st_ino == second.st_ino
}
