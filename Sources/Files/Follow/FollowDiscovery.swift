import Plan
import StreamEngine
import System

/// Where changes of followed files are reported: the folders of their names and of the targets of links.
struct FollowedPlaces {
    /// Files by the folder and the name under which changes are reported.
    private var files: [String: [Int]] = [:]
    /// Names that are of no interest.
    var others: Set<String> = []

    mutating func add(_ file: Int, folder: String, name: String) {
        let key = folder + "\u{0}" + name
        if files[key]?.contains(file) != true { files[key, default: []].append(file) }
    }

    func files(_ folder: String, _ name: String) -> [Int]? { files[folder + "\u{0}" + name] }
}

/// Notices changes, and files that join.
extension FollowSource {
    /// How often to look at files without being notified, microseconds, and how many at a time. Many files take turns.
    private static let pollInterval: Int64 = 1_000_000
    private static let pollAtOnce = 1000
    /// The same where nothing is notified, or a decision is due soon.
    private static let fastInterval: Int64 = 250_000
    /// How often to look for files that have joined.
    private static let discoveryInterval: Int64 = 10_000_000

    /// How long a wait may take, microseconds.
    var patience: Int64 {
        isNotified && inTransition.isEmpty ? Self.pollInterval : Self.fastInterval
    }

    /// Marks files for a look that is not due to a change: the system may not have reported one.
    mutating func markForPoll(_ now: Int64) {
        guard now >= nextPoll else { return }
        nextPoll = now + patience
        let count = min(files.count, isNotified ? Self.pollAtOnce : files.count)
        for _ in 0..<count {
            pollPlace = pollPlace + 1 < files.count ? pollPlace + 1 : 0
            due.insert(pollPlace)
        }
        due.formUnion(inTransition)
        if !isNotified { listUnknown() }
    }

    /// Marks the files of which changes are reported.
    mutating func takeChanges() {
        var changed: Set<Int> = []
        var isUnknown = false
        var (hasNew, hasOther) = (false, false)
        let (inTransition, places) = (inTransition, places)
        var others = places.others
        watch.take { change in
            switch change {
            case .unknown, .folderGone: isUnknown = true
            case .entry(let folder, let name):
                if let found = places.files(folder, name) {
                    changed.formUnion(found)
                } else {
                    // A file that was rotated away, perhaps, or a copy.
                    changed.formUnion(inTransition)
                    hasOther = true
                    if others.insert(folder + name).inserted { hasNew = true }
                }
            }
        }
        self.places.others = others
        due.formUnion(changed)
        if hasOther || isUnknown { listUnknown() }
        if hasOther { due.formUnion(unknown) }
        if hasNew, !input.patterns.isEmpty { nextDiscovery = Int64.min }
        guard isUnknown else { return }
        due.formUnion(files.indices)
        nextDiscovery = Int64.min
        for file in files { addPlaces(of: file) }
    }

    /// Has the next look list the copies of files of which nothing is known: something in a folder may have changed.
    mutating func listUnknown() {
        rotatedFolders.forget()
        for index in unknown { files[index].needsListing = true }
    }

    /// Adds files that match a pattern and are not followed yet.
    mutating func discover(_ now: Int64) {
        guard now >= nextDiscovery else { return }
        nextDiscovery = now + Self.discoveryInterval
        places.others.removeAll()
        guard !input.patterns.isEmpty else { return }
        for pattern in input.patterns { isNotified = watch.add(Self.folder(of: pattern)) && isNotified }
        let followed = Set(files.map(\.name))
        let known = files.reduce(into: Set<FileIdentity>()) { known, file in
            known.formUnion(file.identities)
            known.formUnion(file.retired.map(\.identity))
        }
        for name in input.matches(besides: followed) {
            guard let identity = FileIdentity(ofFile: name), !known.contains(identity) else { continue }
            let file = input.makeFile(name, partition: files.count, options, now: now)
            // What was there before the run is not read, and neither is what is followed by its own name.
            file.listed = input.started
            if let listing = input.finder.listing(of: name) {
                let old = listing.files.filter { file.hasHandled($0) || known.contains($0.identity) }
                file.handled = HandledFiles(old)
            }
            files.append(file)
            addPlaces(of: file)
            due.insert(file.partition)
            input.report("also following \(name)")
        }
    }

    /// Watches the folders in which something about the file can change.
    mutating func addPlaces(of file: FollowedFile) {
        var paths = [file.name]
        if let target = realPath(file.name), splitPath(target).name != splitPath(file.name).name {
            paths.append(target)
        }
        for path in paths {
            let (folder, name) = splitPath(path)
            let watched = folder.isEmpty ? "./" : folder
            guard !input.mounts.isRemote(path), watch.add(watched), let reported = watch.name(of: watched) else {
                isNotified = false
                continue
            }
            places.add(file.partition, folder: reported, name: name)
        }
    }

    /// The folder whose changes show new matches.
    private static func folder(of pattern: String) -> String {
        let folder = splitPath(pattern).folder
        return folder.isEmpty ? "./" : folder
    }
}
