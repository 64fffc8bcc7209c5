import StreamEngine
import System

/// Has lanes of a crew look up groups where the ordered part holds the workers up.
///
/// Without lanes, one thread looks up groups and updates states. That is faster as long as it keeps up: to divide the rows
/// takes about an eighth of the processor time (1000 groups, two threads). They begin when the workers have waited as long
/// as that. Waits are measured over 4 ms at least, since the first records of a run take longer.
struct LaneDemand {
    private static let shortest: Int64 = 4_000
    private static let longest: Int64 = 100_000

    private let lanes: LaneDivision?
    private let workers: Int64
    /// Since when waits are measured, and their sum, microseconds.
    private var start: Int64 = 0
    private var waited: Int64 = 0

    /// - Parameter lanes: those that can look up groups; nil if there are none.
    init(_ lanes: LaneDivision?, workers: Int) {
        self.lanes = lanes
        self.workers = Int64(workers)
    }

    /// Whether it matters how long workers wait for the ordered part.
    var isOpen: Bool { lanes.map { !$0.isOn } ?? false }

    /// Notes a wait that began at `time` (steady clock) and has ended.
    mutating func noteWait(since time: Int64) {
        if time - start > Self.longest { (start, waited) = (time, 0) }
        let now = steadyClock()
        waited += now - time
        if now - start > Self.shortest, 8 * waited > (now - start) * workers { lanes?.begin() }
    }
}
