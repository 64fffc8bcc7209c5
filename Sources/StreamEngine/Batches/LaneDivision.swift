import Synchronization

/// The lanes of a crew that can look up groups, each those of its keys.
///
/// They begin when the ordered part would hold the workers up, and go on to the end.
package final class LaneDivision: Sendable {
    /// The number of lanes.
    let count: Int
    private let flag = Atomic<Bool>(false)

    init(_ count: Int) { self.count = count }

    /// Whether the lanes look up groups. Workers and the ordered part see it sooner or later.
    package var isOn: Bool { flag.load(ordering: .relaxed) }

    package func begin() { flag.store(true, ordering: .relaxed) }
}
