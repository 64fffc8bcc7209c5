/// The assignment of records to windows. Lengths are in microseconds.
package enum WindowSpec: Sendable, Equatable {
    /// One window over the whole input.
    case all
    case tumbling(size: Int64, align: Int64)
    case hopping(size: Int64, step: Int64, align: Int64)
    /// Windows that grow by `step` up to `max` and then start over.
    case cumulative(max: Int64, step: Int64, align: Int64)
    case session(gap: Int64)
    /// The last `count` records of a group, after every `every` records.
    case rows(count: Int, every: Int)
    case calendar(CalendarUnit, align: Int64)

    /// About how long a window is, microseconds; 0 if it depends on no time.
    package var usualLength: Int64 {
        switch self {
        case .tumbling(let size, _), .hopping(let size, _, _), .cumulative(let size, _, _), .session(let size): size
        case .calendar(let unit, _): unit.usualLength
        case .all, .rows: 0
        }
    }

    /// Windows that depend on times alone, not on the other records of a group.
    package var isSliced: Bool {
        switch self {
        case .session, .rows: false
        default: true
        }
    }

    /// Windows over event time: rows carry `window_start` and `window_end`.
    package var isTimed: Bool {
        switch self {
        case .all, .rows: false
        default: true
        }
    }
}
