/// The control groups that limit what this process may use of a resource: its own and those around it.
struct ControlGroups {
    /// A group as a folder.
    struct Group {
        fileprivate let folder: String
        /// Whether it is of version 2, in which one group limits all resources.
        let isUnified: Bool

        /// The first line of a file; nil if there is none.
        func text(_ file: String) -> Substring? {
            fileText("\(folder)/\(file)", most: 64)?.prefix { $0 != "\n" }
        }
    }

    private var groups: [Group] = []

    /// - Parameters:
    ///   - root: the folder that holds `proc` and `sys`; another one in tests.
    ///   - controller: the resource as version 1 calls it: `memory`, `cpu`.
    init(root: String, _ controller: String) {
        let folder = "\(root)/sys/fs/cgroup"
        func add(_ path: Substring, isUnified: Bool) {
            groups.append(
                Group(folder: isUnified ? folder + path : "\(folder)/\(controller)\(path)", isUnified: isUnified))
        }
        // In a container, its own group is the root of the file system.
        add("", isUnified: true)
        add("", isUnified: false)
        // Bytes: characters take ten times as long, and this is part of the start of each run.
        let list = fileBytes("\(root)/proc/self/cgroup", most: 1 << 16) ?? []
        for line in list.split(separator: UInt8(ascii: "\n")) {
            // Version 2: "0::/path"; version 1: "4:memory:/path".
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3,
                fields[1].isEmpty
                    || fields[1].split(separator: UInt8(ascii: ",")).contains(where: {
                        $0.elementsEqual(controller.utf8)
                    })
            else { continue }
            let own = String(decoding: fields[2], as: UTF8.self)
            var path = own[...]
            while path.utf8.count > 1, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
                add(path, isUnified: fields[1].isEmpty)
                path = path[..<slash]
            }
        }
    }

    /// What `read` finds in the groups that have a limit.
    func limits<Limit>(_ read: (Group) -> Limit?) -> [Limit] { groups.compactMap(read) }
}
