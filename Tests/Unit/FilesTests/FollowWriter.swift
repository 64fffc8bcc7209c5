import Glibc
import System

@testable import Files

/// Numbers that follow from a seed (SplitMix64).
struct WalkNumbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = Self.mixed(seed) }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Int(Self.mixed(state) % UInt64(max(limit, 1)))
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// Writes numbered lines to files that it rotates, and keeps a ledger of what a follower must read.
final class FollowWriter {
    /// One content that the name refers to.
    final class Content {
        /// Numbers in the order of their lines.
        var numbers: [Int] = []
        /// A line of which only the first bytes are written.
        var half: (number: Int, rest: String)?
        /// The writer that has it open; -1 for none.
        var descriptor: Int32 = -1
        /// When it was last written (the clock of the walk).
        var lastWrite: Int64 = 0
        /// Whether the follower may have looked since it exists, and whether it certainly has.
        var mayBeSeen = false
        var isSeen = false
        /// Whether it certainly has looked since something is in it.
        var isKnown = false
        /// The bytes before it are gone, so that nothing connects it with what was read, until something of it was.
        var isLoose = false
        /// It was removed before anything of it was seen: files that are copied and truncated after it cannot be told from
        /// its own copies.
        var isMisplaced = false
        /// It is in another file than the one that was written: a copy, or compressed.
        var isMoved = false
        /// The follower goes on without it.
        var isSkipped = false
        /// Where it is; nil if no name is left.
        var path: String?
        /// Whether bytes that have been written cannot be read any more by a follower that starts now.
        var isGone: Bool { path == nil }
    }

    let folder: String
    let name: String
    private let isLink: Bool
    private let isDated: Bool
    var numbers: WalkNumbers
    private(set) var contents: [Content] = []
    /// Lines that a follower may miss: nothing shows what they were.
    private(set) var mayBeLost: Set<Int> = []
    private(set) var log: [String] = []
    private var next = 0
    private var day = 0
    /// Whether only what is there is to be read.
    var isFinishing = false
    /// Whether files may change now while the follower looks at them.
    var isSurprising = false
    /// The lines that are delivered even if the follower is killed.
    var durable: Set<Int> = []
    /// The clock of the walk, microseconds.
    var now: Int64 = 0

    var current: Content? { contents.last.flatMap { $0.path == target ? $0 : nil } }
    private var target: String

    init(_ folder: String, seed: UInt64) {
        self.folder = folder
        numbers = WalkNumbers(seed)
        isLink = numbers.chance(15)
        isDated = numbers.chance(30)
        name = "\(folder)/app.log"
        target = name
        create()
    }

    /// Descriptors that children of writers have inherited and never close.
    private var inherited: [Int32] = []

    deinit {
        for content in contents where content.descriptor >= 0 { close(content.descriptor) }
        for descriptor in inherited { close(descriptor) }
    }

    func note(_ text: String) { log.append(text) }

    /// The follower looks at all files.
    ///
    /// - Parameter look: what it does; files may change meanwhile.
    func see<Result, Failure: Error>(during look: () throws(Failure) -> Result) throws(Failure) -> Result {
        let seen = contents
        // Half a line proves nothing.
        let known = seen.filter { $0.numbers.count > ($0.half == nil ? 0 : 1) }
        let result = try look()
        for content in contents { content.mayBeSeen = true }
        for content in seen { content.isSeen = true }
        for content in known { content.isKnown = true }
        return result
    }

    /// Changes files while the follower looks at them, in a way that loses nothing.
    func surprise() {
        guard isSurprising, !isFinishing, numbers.chance(10) else { return }
        note("meanwhile:")
        switch numbers.below(100) {
        case ..<30: write(1 + numbers.below(3))
        case ..<70: rotate(keepsOld: numbers.chance(50))
        case ..<80: writeLate()
        case ..<85: closeLate()
        case ..<93: copyAndTruncate()
        default: try? compress()
        }
    }

    /// The text of a line, without its newline.
    static func line(_ number: Int) -> String { "n=\(number) \(String(repeating: "x", count: number % 37))." }

    static func number(of line: Substring) -> Int? {
        guard line.hasPrefix("n="), let number = Int(line.dropFirst(2).prefix { $0 != " " }) else { return nil }
        return Self.line(number) == line ? number : nil
    }

    /// Lines that a follower that is stopped now cannot find any more.
    func loseUnreachable(delivered: Set<Int>) {
        for content in contents where content.isGone { skip(content, besides: delivered) }
        // If the last file of which something was delivered is gone, only their inodes connect others with it.
        guard let last = contents.lastIndex(where: { $0.numbers.contains(where: delivered.contains) }),
            contents[last].isGone, contents[last...].contains(where: \.isMoved)
        else { return }
        for content in contents[last...] where content !== current { lose(content, besides: delivered) }
    }

    /// A follower cannot find it any more, and will not read what is written to it.
    func skip(_ content: Content, besides delivered: Set<Int> = []) {
        lose(content, besides: delivered)
        content.isSkipped = true
    }

    func lose(_ content: Content, besides delivered: Set<Int> = []) {
        mayBeLost.formUnion(content.numbers.filter { !delivered.contains($0) })
    }

    // MARK: - Actions

    func write(_ count: Int) {
        if current == nil { create() }
        guard let current else { return }
        note("write \(count) from \(next)")
        put(count, into: current)
    }

    /// Lines through a descriptor of a file that was rotated away.
    func writeLate() {
        // A follower gives a file up that is open but quiet for a minute.
        let late = contents.filter { $0.descriptor >= 0 && $0 !== current && now - $0.lastWrite < 30_000_000 }
        guard !late.isEmpty else { return }
        let content = late[numbers.below(late.count)]
        note("late write from \(next) to \(content.path ?? "an unlinked file")")
        put(1 + numbers.below(3), into: content)
    }

    func closeLate() {
        for content in contents where content.descriptor >= 0 && content !== current {
            note("close \(content.path ?? "an unlinked file")")
            finish(content)
            closeWriter(content)
        }
    }

    private func closeWriter(_ content: Content) {
        if numbers.chance(10) {
            note("a child of the writer keeps it open")
            inherited.append(fcntl(content.descriptor, F_DUPFD_CLOEXEC, 0))
        }
        close(content.descriptor)
        content.descriptor = -1
    }

    private func put(_ count: Int, into content: Content) {
        content.lastWrite = now
        finish(content)
        for _ in 0..<count {
            content.numbers.append(next)
            if content.isSkipped { mayBeLost.insert(next) }
            append(Self.line(next) + "\n", to: content)
            next += 1
        }
    }

    /// Writes a part of a line.
    func writeHalf() {
        guard let current, current.descriptor >= 0 else { return }
        finish(current)
        let line = Self.line(next) + "\n"
        let cut = 1 + numbers.below(line.utf8.count - 1)
        note("half of line \(next)")
        append(String(line.prefix(cut)), to: current)
        current.half = (next, String(line.dropFirst(cut)))
        current.numbers.append(next)
        next += 1
    }

    /// Writes the rest of a line.
    func finish(_ content: Content) {
        guard let half = content.half else { return }
        append(half.rest, to: content)
        content.half = nil
    }

    private func append(_ text: String, to content: Content) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(content.descriptor, $0.baseAddress, $0.count) }
    }

    func create() {
        note("create")
        if isLink {
            day += 1
            target = "\(folder)/app-202603\(day < 10 ? "0" : "")\(day).log"
        }
        let content = Content()
        content.descriptor = open(target, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        content.path = target
        content.lastWrite = now
        contents.append(content)
        guard isLink else { return }
        let temporary = "\(folder)/link"
        symlink(target, temporary)
        rename(temporary, name)
    }

    /// Renames the file and begins a new one.
    func rotate(keepsOld: Bool) {
        guard let current, day < 28 else { return }
        note("rotate, \(keepsOld ? "the old one stays open" : "the old one is closed")")
        if !keepsOld {
            finish(current)
            closeWriter(current)
        }
        if !isLink { move(current) }
        if isLink || numbers.chance(80) { create() }
    }

    /// Gives the file the name of one that was rotated away.
    private func move(_ content: Content) {
        let new = freeName()
        rename(name, new)
        content.path = new
    }

    private func freeName() -> String {
        day += 1
        if isDated { return "\(name)-202603\(day < 10 ? "0" : "")\(day)" }
        let rotated = contents.filter { $0.path?.hasPrefix("\(name).") ?? false }
        for content in rotated.sorted(by: { index($0) > index($1) }) {
            let ending = content.path.map { $0.hasSuffix(".gz") ? ".gz" : $0.hasSuffix(".zst") ? ".zst" : "" } ?? ""
            let new = "\(name).\(index(content) + 1)\(ending)"
            rename(content.path ?? "", new)
            content.path = new
        }
        return "\(name).1"
    }

    private func index(_ content: Content) -> Int {
        Int(content.path?.dropFirst(name.count + 1).prefix { $0 != "." } ?? "") ?? 0
    }

    /// Copies the file and empties it. What is written in between is lost.
    func copyAndTruncate() {
        guard !isLink, let current, current.descriptor >= 0, day < 28 else { return }
        finish(current)
        let between = numbers.chance(30)
        let new = freeName()
        note("copy to \(new), truncate\(between ? ", a line between" : "")")
        copy(name, to: new)
        // Nothing connects the copy with a file of which nothing has been seen.
        let isUnread = current.isLoose && !current.numbers.contains(where: durable.contains)
        let mayBeSeen = current.mayBeSeen || isSurprising
        let isUnknown = isUnread || mayBeSeen && (!current.isKnown || current.numbers.count < 2)
        if isUnknown { lose(current) }
        let copied = current
        let fresh = Content()
        fresh.descriptor = current.descriptor
        fresh.path = name
        if between {
            mayBeLost.insert(next)
            append(Self.line(next) + "\n", to: current)
            copied.numbers.append(next)
            next += 1
        }
        Glibc.truncate(name, 0)
        copied.descriptor = -1
        copied.path = new
        copied.isMoved = true
        fresh.mayBeSeen = isUnknown && current.mayBeSeen
        fresh.isSeen = isUnknown && current.isSeen
        fresh.isLoose = isUnread
        contents.append(fresh)
    }

    /// Empties the file. What was not read of it is lost.
    func truncate(delivered: Set<Int>) {
        guard let current, current.descriptor >= 0 else { return }
        note("truncate")
        finish(current)
        lose(current, besides: delivered)
        current.half = nil
        Glibc.truncate(target, 0)
        let fresh = Content()
        fresh.descriptor = current.descriptor
        fresh.path = target
        // If it is copied before the follower looks, nothing connects the copy with what was read.
        fresh.mayBeSeen = current.mayBeSeen
        fresh.isSeen = current.isSeen
        fresh.isLoose = true
        current.descriptor = -1
        current.path = nil
        contents.append(fresh)
    }

    /// Removes the file. Who has it open can still read it.
    func remove() {
        guard !isLink, let current else { return }
        note("remove")
        unlink(name)
        current.path = nil
        if !current.isSeen { skip(current) }
        current.isMisplaced = !current.isKnown
        if numbers.chance(70) {
            finish(current)
            closeWriter(current)
        }
        if numbers.chance(70) { create() }
    }

    /// Compresses a file that no writer has open.
    func compress() throws {
        let plain = contents.filter { content in
            guard let path = content.path, content.descriptor < 0, content !== current else { return false }
            return !path.hasSuffix(".gz") && !path.hasSuffix(".zst") && path != target
        }
        guard !plain.isEmpty else { return }
        let content = plain[numbers.below(plain.count)]
        guard let path = content.path else { return }
        let isGzip = numbers.chance(50)
        let new = path + (isGzip ? ".gz" : ".zst")
        note("compress \(path)")
        let bytes = try compressed(allBytes(of: path), isGzip ? .gzip : .zstd)
        let file = try FileDescriptor.openForWriting(new)
        try file.write(bytes)
        // The tools keep the time of the last write.
        system("touch -r \(path) \(new)")
        unlink(path)
        content.path = new
        content.isMoved = true
    }

    private func copy(_ path: String, to new: String) {
        guard let bytes = try? allBytes(of: path), let file = try? FileDescriptor.openForWriting(new) else { return }
        try? file.write(bytes)
    }
}
