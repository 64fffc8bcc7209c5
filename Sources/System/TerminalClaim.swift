import Glibc

/// Which process of a pipe draws on the terminal: several would draw over each other.
///
/// The claims are locks on the terminal, held until the process ends. They are byte ranges, since a table may come after a
/// line, which then rests.
package struct TerminalClaim {
    private enum Place: Int { case line, table }

    /// F_OFD_GETLK and F_OFD_SETLK, which the Glibc module lacks: locks of the open file, not of the process.
    private static let (query, set) = (Int32(36), Int32(37))

    /// -1 where the terminal has no name, and everything is allowed.
    private let terminal: Int32

    private init(_ descriptor: Int32) {
        guard let name = ttyname(descriptor) else {
            terminal = -1
            return
        }
        // It stays open.
        terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
    }

    /// The right to draw a line; nil if another process has it.
    package static func line(on descriptor: Int32) -> TerminalClaim? {
        let claim = TerminalClaim(descriptor)
        return claim.take(.line) ? claim : nil
    }

    /// The right to draw a table, while all lines rest; nil if another process has it.
    package static func table(on descriptor: Int32) -> TerminalClaim? {
        let claim = TerminalClaim(descriptor)
        return claim.take(.table) ? claim : nil
    }

    /// Whether another process draws a table.
    package var rests: Bool {
        guard terminal >= 0 else { return false }
        var lock = Self.lock(.table)
        return fcntl(terminal, Self.query, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
    }

    private func take(_ place: Place) -> Bool {
        guard terminal >= 0 else { return true }
        var lock = Self.lock(place)
        return fcntl(terminal, Self.set, &lock) == 0
    }

    private static func lock(_ place: Place) -> Glibc.flock {
        var lock = Glibc.flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = off_t(place.rawValue)
        lock.l_len = 1
        return lock
    }
}
