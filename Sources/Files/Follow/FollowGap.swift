/// What a job needs of a followed name and does not find any more.
enum FollowGap {
    /// A generation of which bytes up to `end` were read; it may be needed only for windows that are open.
    case read(end: Int, isOnlyForWindows: Bool)
    /// A generation of which nothing was read.
    case unread(_ path: String, seen: Int)

    /// - Parameter places: names of the rotated files.
    func text(lookedAt places: [String]) -> String {
        let looked = places.isEmpty ? "there are no rotated files" : "no match in \(places.joined(separator: ", "))"
        return switch self {
        case .read(let end, true):
            "what was read up to byte \(end) is gone (\(looked)); the windows that were open need it"
        case .read(let end, false):
            "what was read up to byte \(end) is gone (\(looked)); what was written after it may be gone, too"
        case .unread(let path, let seen):
            "\(path), of which \(seen) bytes were seen and not read, is gone (\(looked))"
        }
    }
}
