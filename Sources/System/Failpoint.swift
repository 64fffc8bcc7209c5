import Glibc

/// A point at which a test can kill or stop the process. `STREAMCTL_FAILPOINT=NAME:ACTION[@COUNT]` triggers the action
/// when the point is passed for the COUNT-th time (default 1). Actions: `kill` (KILL) and `stop` (STOP). Only in debug
/// builds.
@inline(__always) package func failpoint(_ name: StaticString) {
    #if DEBUG
    Failpoint.chosen?.pass(name)
    #endif
}

/// A number that tests of a debug build choose in the environment; nil if there is none.
package func testSetting(_ name: StaticString) -> Int? {
    #if DEBUG
    getenv(String(describing: name)).flatMap { Int(String(cString: $0)) }
    #else
    nil
    #endif
}

#if DEBUG
private final class Failpoint: @unchecked Sendable {
    static let chosen: Failpoint? = Failpoint()

    private let name: String
    private let signal: Int32
    private var left: Int

    private init?() {
        guard let value = getenv("STREAMCTL_FAILPOINT") else { return nil }
        let parts = String(cString: value).split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        let action = parts[1].split(separator: "@", maxSplits: 1).map(String.init)
        guard let first = action.first, first == "kill" || first == "stop" else { return nil }
        name = parts[0]
        signal = first == "kill" ? SIGKILL : SIGSTOP
        left = action.count == 2 ? Int(action[1]) ?? 1 : 1
    }

    func pass(_ place: StaticString) {
        guard place.description == name, left > 0 else { return }
        left -= 1
        if left == 0 { raise(signal) }
    }
}
#endif
