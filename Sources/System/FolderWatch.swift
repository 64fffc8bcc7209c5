import Glibc

/// Reports changes of the entries of folders (inotify).
///
/// It reports nothing about changes made on other machines, so its user also has to look at the files now and then.
package struct FolderWatch: ~Copyable {
    /// A change in a watched folder.
    package enum Change: Equatable {
        /// An entry was created, removed, renamed, written or closed.
        case entry(folder: String, name: String)
        /// The folder itself is gone.
        case folderGone(String)
        /// More changed than the kernel keeps: anything may have.
        case unknown
    }

    /// The descriptor to wait for; -1 if changes cannot be watched.
    package let descriptor: Int32
    private var folders: [Int32: String] = [:]
    private var numbers: [String: Int32] = [:]

    private static let events = UInt32(
        IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR | IN_DELETE_SELF
            | IN_MOVE_SELF)

    /// Without inotify, nothing is reported.
    package init() { descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC)) }

    deinit { if descriptor >= 0 { _ = close(descriptor) } }

    /// Watches a folder. Does nothing if it is watched already.
    ///
    /// - Returns: false if it cannot be watched, for example because of a limit of the system.
    package mutating func add(_ folder: String) -> Bool {
        if numbers[folder] != nil { return true }
        guard descriptor >= 0 else { return false }
        let number = inotify_add_watch(descriptor, folder, Self.events)
        guard number >= 0 else { return false }
        // Two names of one folder have the same number; changes are reported under the first.
        if folders[number] == nil { folders[number] = folder }
        numbers[folder] = number
        return true
    }

    /// The name under which changes of the folder are reported; nil if it is not watched.
    package func name(of folder: String) -> String? { numbers[folder].flatMap { folders[$0] } }

    /// Calls `body` with each change since the last call.
    package mutating func take(_ body: (Change) -> Void) {
        guard descriptor >= 0 else { return }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 8)
        defer { room.deallocate() }
        while true {
            let count = read(descriptor, room.baseAddress, room.count)
            guard count > 0 else { return }
            var place = 0
            while place + MemoryLayout<inotify_event>.size <= count {
                let event = room.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
                let start = place + MemoryLayout<inotify_event>.size
                place = start + Int(event.len)
                guard place <= count else { break }
                report(event, name: room[start..<place].prefix { $0 != 0 }, body)
            }
        }
    }

    private mutating func report(
        _ event: inotify_event, name: Slice<UnsafeMutableRawBufferPointer>, _ body: (Change) -> Void
    ) {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return body(.unknown) }
        guard let folder = folders[event.wd] else { return }
        if event.mask & UInt32(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT) != 0 {
            if event.mask & UInt32(IN_IGNORED) == 0 { _ = inotify_rm_watch(descriptor, event.wd) }
            folders[event.wd] = nil
            numbers = numbers.filter { $0.value != event.wd }
            return body(.folderGone(folder))
        }
        body(.entry(folder: folder, name: String(decoding: name, as: UTF8.self)))
    }
}
